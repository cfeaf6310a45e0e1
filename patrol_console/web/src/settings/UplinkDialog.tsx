/** A new uplink, or another budget for one; a unit that is missing can be added on the way. */
import { Button, Form, Input, InputNumber, Modal, Segmented, Select } from 'antd';
import { useState } from 'react';
import { uplinkKinds, type Uplink, type UplinkKind } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import { useMay } from '../queries/session';
import { useUnits } from '../queries/units';
import { useSaveUplink } from '../queries/uplinks';
import { UnitDialog } from './UnitDialog';
import styles from './UplinksPage.module.css';

interface Fields {
  name: string;
  kind: UplinkKind;
  ref: string;
  mbit_s?: number | null;
  connections?: number | null;
}

interface Props {
  uplink: Uplink | 'new' | null; // null: closed
  gateways: readonly string[];
  onClose: () => void;
}

export function UplinkDialog({ uplink, gateways, onClose }: Props) {
  const { t } = useT();
  const [form] = Form.useForm<Fields>();
  const [addingUnit, setAddingUnit] = useState(false);
  const known = uplink === 'new' || uplink === null ? null : uplink;
  const save = useSaveUplink(known?.id ?? null);
  const areas = useAreas().data ?? [];
  const units = useUnits(uplink !== null).data ?? [];
  const mayAddUnit = useMay('area.configure');
  const kind = Form.useWatch('kind', form) ?? 'area';
  const refs = {
    area: areas.map(({ id, name, level }) => ({ value: id, label: `${'\u3000'.repeat(level)}${name}` })),
    unit: units.map(({ id, name }) => ({ value: id, label: name })),
    gateway: gateways.map((id) => ({ value: id, label: id })),
  };
  const kinds = uplinkKinds.filter((each) => each !== 'gateway' || gateways.length > 0);

  function send(fields: Fields): void {
    const body = { ...fields, name: fields.name.trim(), mbit_s: fields.mbit_s ?? null, connections: fields.connections ?? null };
    save.mutate(known ? { ...body, kind: known.kind, ref: known.ref } : body, { onSuccess: onClose });
  }

  return (
    <Modal
      open={uplink !== null}
      title={known ? t('uplink:edit') : t('uplink:add')}
      okText={t('do.save')}
      cancelText={t('do.cancel')}
      okButtonProps={{ loading: save.isPending, 'data-testid': 'uplink-save' } as never}
      onOk={() => form.submit()}
      onCancel={onClose}
      width={520}
      afterOpenChange={(shown) => shown && form.focusField(known ? 'name' : 'ref')}
      destroyOnHidden
    >
      {save.isError && (
        <p className={styles.refused} role="alert">
          {sentenceOf(save.error)}
        </p>
      )}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={send} className={styles.form} initialValues={known ?? { kind: 'area' }}>
        {!known && (
          <>
            <Form.Item name="kind" label={t('uplink:kind')}>
              <Segmented options={kinds.map((value) => ({ value, label: t(`words:uplinkKind.${value}`) }))} onChange={() => form.setFieldValue('ref', undefined)} />
            </Form.Item>
            <Form.Item
              name="ref"
              label={t(`words:uplinkKind.${kind}`)}
              rules={[{ required: true, message: t('uplink:refMissing') }]}
              extra={
                kind === 'unit' &&
                mayAddUnit && (
                  <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => setAddingUnit(true)}>
                    {t('uplink:addUnit')}
                  </Button>
                )
              }
            >
              <Select options={refs[kind]} data-testid="uplink-ref" />
            </Form.Item>
          </>
        )}
        <Form.Item name="name" label={t('uplink:name')} rules={[{ required: true, whitespace: true, message: t('uplink:nameMissing') }]}>
          <Input maxLength={64} placeholder={t('uplink:nameHint')} data-testid="uplink-name" />
        </Form.Item>
        <Form.Item name="mbit_s" label={t('uplink:mbit')} className={styles.half} extra={t('uplink:budgetHint')}>
          <InputNumber min={0.1} max={100_000} placeholder={t('uplink:unlimited')} style={{ width: '100%' }} data-testid="uplink-mbit" />
        </Form.Item>
        <Form.Item name="connections" label={t('uplink:connections')} className={styles.half}>
          <InputNumber min={1} max={100_000} precision={0} placeholder={t('uplink:unlimited')} style={{ width: '100%' }} />
        </Form.Item>
      </Form>
      <UnitDialog
        open={addingUnit}
        onClose={() => setAddingUnit(false)}
        onAdded={(unit) => {
          setAddingUnit(false);
          form.setFieldValue('ref', unit.id);
        }}
      />
    </Modal>
  );
}
