/** One change for many cameras: what is ticked is set, what is not stays as each camera has it. */
import { Checkbox, Input, InputNumber, Modal, Segmented, Select } from 'antd';
import { useState, type ReactNode } from 'react';
import { severities, watchModes, type Severity, type WatchMode } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import type { BulkChange } from '../queries/cameras';
import { useUnits } from '../queries/units';
import { SeverityMark } from '../shapes/SeverityMark';
import styles from './BulkBar.module.css';
import form from './CameraFormDialog.module.css';

interface Props {
  open: boolean;
  count: number;
  saving: boolean;
  error: Error | null;
  onClose: () => void;
  onApply: (change: BulkChange) => void;
}

interface Values {
  area: string | null;
  mode: WatchMode;
  every: number;
  importance: Severity;
  enabled: boolean;
  unit: string;
  recordings: string;
  add: string[];
  remove: string[];
}

type Part = 'area' | 'watch' | 'importance' | 'enabled' | 'unit' | 'recordings' | 'add' | 'remove';

const fresh: Values = { area: null, mode: 'continuous', every: 10, importance: 'yellow', enabled: true, unit: '', recordings: '', add: [], remove: [] };

export function BulkDialog({ open, count, saving, error, onClose, onApply }: Props) {
  const { t } = useT();
  const [values, setValues] = useState(fresh);
  const [ticked, setTicked] = useState<ReadonlySet<Part>>(new Set());
  const areas = useAreas().data ?? [];
  const units = useUnits(open).data ?? [];

  function put<Name extends keyof Values>(part: Part, name: Name, value: Values[Name]): void {
    setValues((before) => ({ ...before, [name]: value }));
    setTicked((before) => new Set([...before, part])); // who chooses a value means it
  }

  function tick(part: Part, on: boolean): void {
    setTicked((before) => new Set(on ? [...before, part] : [...before].filter((one) => one !== part)));
  }

  const rows: [Part, string, ReactNode][] = [
    ['area', t('camera:form.area'), <Select key="a" value={values.area} onChange={(value) => put('area', 'area', value)} options={areas.map(({ id, name, level }) => ({ value: id, label: `${'\u3000'.repeat(level)}${name}` }))} aria-label={t('camera:form.area')} placeholder={t('join:bulk.chooseArea')} data-testid="bulk-area" />],
    [
      'watch',
      t('camera:form.watch'),
      <span key="w" className={values.mode === 'interval' ? styles.watch : undefined}>
        <Select value={values.mode} onChange={(value) => put('watch', 'mode', value)} options={watchModes.map((value) => ({ value, label: t(`words:watchMode.${value}`) }))} aria-label={t('camera:form.watch')} style={{ width: '100%' }} data-testid="bulk-watch" />
        {values.mode === 'interval' && <InputNumber min={1} max={1440} precision={0} value={values.every} onChange={(value) => put('watch', 'every', value ?? 10)} addonAfter={t('join:bulk.minutes')} aria-label={t('camera:form.everyMin')} />}
      </span>,
    ],
    ['importance', t('camera:form.importance'), <Select key="i" value={values.importance} onChange={(value) => put('importance', 'importance', value)} options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))} aria-label={t('camera:form.importance')} data-testid="bulk-importance" />],
    [
      'enabled',
      t('camera:form.enabled'),
      <Segmented key="e" style={{ justifySelf: 'start' }} value={values.enabled} onChange={(value) => put('enabled', 'enabled', value)} options={[{ value: true, label: t('join:bulk.on') }, { value: false, label: t('join:bulk.off') }]} data-testid="bulk-enabled" />,
    ],
    ['unit', t('camera:form.unit'), <Select key="u" value={values.unit} onChange={(value) => put('unit', 'unit', value)} options={[{ value: '', label: t('camera:form.noUnit') }, ...units.map(({ id, name }) => ({ value: id, label: name }))]} aria-label={t('camera:form.unit')} />],
    ['recordings', t('camera:form.recordings'), <Input key="r" value={values.recordings} maxLength={128} onChange={(event) => put('recordings', 'recordings', event.target.value)} aria-label={t('camera:form.recordings')} />],
    ['add', t('join:bulk.addTags'), <Select key="t" mode="tags" maxCount={16} value={values.add} onChange={(value) => put('add', 'add', value)} tokenSeparators={[',', '，', '、']} aria-label={t('join:bulk.addTags')} data-testid="bulk-add-tags" />],
    ['remove', t('join:bulk.removeTags'), <Select key="x" mode="tags" maxCount={16} value={values.remove} onChange={(value) => put('remove', 'remove', value)} tokenSeparators={[',', '，', '、']} aria-label={t('join:bulk.removeTags')} />],
  ];
  const ready = ticked.size > 0 && !(ticked.has('area') && values.area === null);

  return (
    <Modal
      open={open}
      title={t('join:bulk.title', { count })}
      okText={t('join:bulk.apply', { count })}
      cancelText={t('do.cancel')}
      okButtonProps={{ disabled: !ready, loading: saving, 'data-testid': 'bulk-apply' } as never}
      onOk={() => onApply(changeOf(values, ticked))}
      onCancel={onClose}
      afterClose={() => {
        setValues(fresh);
        setTicked(new Set());
      }}
      width={560}
      destroyOnHidden
    >
      {error && (
        <p className={form.refused} role="alert">
          {sentenceOf(error)}
        </p>
      )}
      <p className="quiet">{t('join:bulk.hint')}</p>
      <div className={styles.form}>
        {rows.map(([part, label, field]) => [
          <Checkbox key={part} checked={ticked.has(part)} onChange={(event) => tick(part, event.target.checked)}>
            {label}
          </Checkbox>,
          field,
        ])}
      </div>
    </Modal>
  );
}

function changeOf(values: Values, ticked: ReadonlySet<Part>): BulkChange {
  return {
    ...(ticked.has('area') && { area_id: values.area }),
    ...(ticked.has('watch') && { watch: { mode: values.mode, every_min: values.every } }),
    ...(ticked.has('importance') && { importance: values.importance }),
    ...(ticked.has('enabled') && { enabled: values.enabled }),
    ...(ticked.has('unit') && { unit_id: values.unit || null }),
    ...(ticked.has('recordings') && { recordings: values.recordings.trim() || null }),
    ...(ticked.has('add') && { add_tags: values.add }),
    ...(ticked.has('remove') && { remove_tags: values.remove }),
  };
}
