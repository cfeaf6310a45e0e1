/** One rule (入侵): what is seen, in which zone, at what hours, for how long, how grave. */
import { Button, Form, Input, InputNumber, Modal, Segmented, Select, Switch, TimePicker } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { severities, type Camera, type Rule, type Severity } from '../api/nouns';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import { SeverityMark } from '../shapes/SeverityMark';

const labels = ['person', 'car', 'truck', 'bus', 'motorcycle', 'bicycle', 'dog', 'boat', 'motion'];

interface Fields {
  name: string;
  zone_id: string;
  labels: string[];
  hours: [Dayjs, Dayjs][];
  least_time_s: number;
  severity: Severity;
  enabled: boolean;
}

interface Props {
  camera: Camera;
  rule: Rule | null; // null: a new one
  busy: boolean;
  onClose: () => void;
  onSave: (rule: Rule) => void;
}

export function RuleDialog({ camera, rule, busy, onClose, onSave }: Props) {
  const { t } = useT();
  const [form] = Form.useForm<Fields>();

  function save(fields: Fields): void {
    onSave({
      clear_after_s: 30,
      least_confidence: 0.5,
      ...rule,
      rule_id: rule?.rule_id ?? `rule-${Date.now().toString(36)}`,
      name: fields.name.trim(),
      zone_id: fields.zone_id,
      labels: fields.labels,
      least_time_s: fields.least_time_s,
      severity: fields.severity,
      enabled: fields.enabled,
      hours: (fields.hours ?? []).filter(Boolean).map(([start, end]) => ({ start: start.format('HH:mm:00'), end: end.format('HH:mm:00') })),
    });
  }

  return (
    <Modal
      open
      title={rule ? t('camera:rules.edit', { name: rule.name }) : t('camera:rules.add')}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={t('do.save')}
      cancelText={t('do.cancel')}
      okButtonProps={{ loading: busy, 'data-testid': 'rule-save' } as never}
      width={480}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={save} initialValues={startValues(rule, camera, t('camera:rules.newName', { zone: camera.zones[0]?.name ?? '' }))} data-testid="rule-form">
        <Form.Item name="name" label={t('camera:rules.name')} rules={[{ required: true, whitespace: true, message: t('camera:rules.nameMissing') }]}>
          <Input maxLength={64} data-testid="rule-name" />
        </Form.Item>
        <Form.Item name="zone_id" label={t('camera:rules.zone')} rules={[{ required: true }]}>
          <Select options={camera.zones.map(({ zone_id: value, name: label }) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="labels" label={t('camera:rules.labels')} rules={[{ required: true, message: t('camera:rules.labelsMissing') }]}>
          <Select mode="multiple" options={labels.map((value) => ({ value, label: wordFor('label', value) }))} />
        </Form.Item>
        <Form.Item name="least_time_s" label={t('camera:rules.leastTime')}>
          <InputNumber min={0} max={3600} step={1} suffix={t('unit.seconds', { value: '' }).trim()} style={{ width: 140 }} />
        </Form.Item>
        <Form.Item label={t('camera:rules.hours')}>
          <Form.List name="hours">
            {(fields, { add, remove }) => (
              <>
                {fields.length === 0 && <span className="quiet">{t('camera:rules.allDay')} </span>}
                {fields.map((field) => (
                  <div key={field.key} style={{ display: 'flex', gap: 4, marginBottom: 6 }}>
                    <Form.Item name={field.name} noStyle rules={[{ required: true }]}>
                      <TimePicker.RangePicker format="HH:mm" order={false} minuteStep={5} needConfirm={false} placeholder={[t('camera:rules.from'), t('camera:rules.to')]} />
                    </Form.Item>
                    <Button type="text" icon={<Icon name="close" />} aria-label={t('do.delete')} onClick={() => remove(field.name)} />
                  </div>
                ))}
                <Button type="text" icon={<Icon name="plus" size={16} />} onClick={() => add()}>
                  {t('camera:rules.addHours')}
                </Button>
              </>
            )}
          </Form.List>
        </Form.Item>
        <Form.Item name="severity" label={t('camera:rules.severity')}>
          <Segmented options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))} />
        </Form.Item>
        <Form.Item name="enabled" label={t('camera:rules.enabled')} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function startValues(rule: Rule | null, camera: Camera, name: string): Partial<Fields> {
  if (!rule) return { name, zone_id: camera.zones[0]?.zone_id, labels: ['person'], hours: [], least_time_s: 4, severity: 'orange', enabled: true };
  return { ...rule, hours: rule.hours.map(({ start, end }) => [timeOfDay(start), timeOfDay(end)]) };
}

function timeOfDay(text: string): Dayjs {
  return dayjs(`2000-01-01T${text}`);
}
