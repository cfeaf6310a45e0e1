/** A new unit (单位): its name and where it sits. */
import { Form, Input, Modal, Select } from 'antd';
import type { Unit } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import { useAddUnit } from '../queries/units';
import styles from './UplinksPage.module.css';

interface Props {
  open: boolean;
  onClose: () => void;
  onAdded: (unit: Unit) => void;
}

export function UnitDialog({ open, onClose, onAdded }: Props) {
  const { t } = useT();
  const [form] = Form.useForm<{ name: string; area_id: string }>();
  const add = useAddUnit();
  const areas = useAreas().data ?? [];
  return (
    <Modal open={open} title={t('uplink:units')} okText={t('do.save')} cancelText={t('do.cancel')} okButtonProps={{ loading: add.isPending }} onOk={() => form.submit()} onCancel={onClose} width={420} afterOpenChange={(shown) => shown && form.focusField('name')} destroyOnHidden>
      {add.isError && (
        <p className={styles.refused} role="alert">
          {sentenceOf(add.error)}
        </p>
      )}
      <Form form={form} layout="vertical" requiredMark={false} preserve={false} onFinish={(fields) => add.mutate({ ...fields, name: fields.name.trim() }, { onSuccess: onAdded })}>
        <Form.Item name="name" label={t('uplink:unitName')} rules={[{ required: true, whitespace: true, message: t('uplink:nameMissing') }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="area_id" label={t('uplink:unitArea')} rules={[{ required: true, message: t('uplink:refMissing') }]}>
          <Select options={areas.map(({ id, name, level }) => ({ value: id, label: `${'\u3000'.repeat(level)}${name}` }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
