/** Bringing a camera on line, or changing what is known of it. The password goes in and never comes back. */
import { DatePicker, Form, Input, Modal, Select, Switch } from 'antd';
import { useEffect } from 'react';
import { cameraKinds, type Camera } from '../api/nouns';
import { Problem, sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useAreas } from '../queries/areas';
import { useAddCamera, useChangeCamera } from '../queries/cameras';
import styles from './CameraFormDialog.module.css';
import { fieldsOf, toChange, toNew, type CameraFields } from './cameraFields';
import { DetailFields } from './DetailFields';
import { WatchFields } from './WatchFields';

interface Props {
  open: boolean;
  camera?: Camera; // absent: a new one
  onClose: () => void;
  onSaved: (camera: Camera) => void;
}

export function CameraFormDialog({ open, camera, onClose, onSaved }: Props) {
  const { t } = useT();
  const [form] = Form.useForm<CameraFields>();
  const add = useAddCamera();
  const change = useChangeCamera(camera?.id ?? '');
  const saving = camera ? change : add;
  const areas = useAreas().data ?? [];

  useEffect(() => {
    if (open) form.setFieldsValue(fieldsOf(camera));
  }, [open]); // eslint-disable-line react-hooks/exhaustive-deps -- what is being typed outlives a refresh

  function save(fields: CameraFields): void {
    const done = {
      onSuccess: (saved: Camera) => {
        onClose();
        onSaved(saved);
      },
      onError: (error: Error) => {
        if (!(error instanceof Problem)) return;
        const names = [...error.fields].filter(([name]) => name in fields);
        form.setFields(names.map(([name, said]) => ({ name: name as keyof CameraFields, errors: [said] })));
      },
    };
    if (camera) change.mutate(toChange(fields), done);
    else add.mutate(toNew(fields), done);
  }

  return (
    <Modal
      open={open}
      title={camera ? t('camera:form.editTitle') : t('camera:form.addTitle')}
      onCancel={onClose}
      afterClose={() => {
        form.resetFields();
        saving.reset();
      }}
      okText={camera ? t('camera:form.save') : t('camera:form.add')}
      cancelText={t('do.cancel')}
      okButtonProps={{ loading: saving.isPending, 'data-testid': 'camera-form-save' } as never}
      onOk={() => form.submit()}
      width={600}
      styles={{ body: { maxHeight: 'calc(100vh - 210px)', overflowY: 'auto', overflowX: 'hidden' } }}
      style={{ top: 48 }}
      afterOpenChange={(shown) => shown && form.focusField('name')}
      forceRender
    >
      {saving.isError && (
        <p className={styles.refused} role="alert" data-testid="camera-form-error">
          {sentenceOf(saving.error)}
        </p>
      )}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={save} className={styles.form}>
        <Form.Item name="name" label={t('camera:form.name')} className={styles.half} rules={[{ required: true, whitespace: true, message: t('camera:form.nameMissing') }]}>
          <Input maxLength={64} placeholder={t('camera:form.nameHint')} data-testid="camera-form-name" />
        </Form.Item>
        <Form.Item name="area_id" label={t('camera:form.area')} className={styles.half} rules={[{ required: true, message: t('camera:form.areaMissing') }]}>
          <Select options={areas.map(({ id, name, level }) => ({ value: id, label: `${'\u3000'.repeat(level)}${name}` }))} data-testid="camera-form-area" />
        </Form.Item>
        <Form.Item
          name="url"
          label={camera ? t('camera:form.url') : t('join:form.address')}
          extra={camera ? t('camera:form.urlHint') : t('join:form.addressHint')}
          rules={[{ required: true, pattern: camera ? /^\s*rtsps?:\/\//i : /\S/, message: camera ? t('camera:form.urlMissing') : t('join:form.addressMissing') }]}
        >
          <Input maxLength={1024} spellCheck={false} autoComplete="off" placeholder={camera ? 'rtsp://' : '192.168.1.64'} data-testid="camera-form-url" />
        </Form.Item>
        <Form.Item name="username" label={t('camera:form.username')} className={styles.half}>
          <Input autoComplete="off" spellCheck={false} data-testid="camera-form-username" />
        </Form.Item>
        <Form.Item name="password" label={t('camera:form.password')} className={styles.half}>
          <Input.Password autoComplete="new-password" placeholder={camera?.has_password ? t('camera:form.passwordKept') : undefined} data-testid="camera-form-password" />
        </Form.Item>
        <Form.Item name="kind" label={t('camera:form.kind')} className={styles.half}>
          <Select options={cameraKinds.map((value) => ({ value, label: t(`words:cameraKind.${value}`) }))} data-testid="camera-form-kind" />
        </Form.Item>
        <Form.Item name="place" label={t('camera:form.place')} className={styles.half}>
          <Input maxLength={256} />
        </Form.Item>
        <Consent />
        <DetailFields cameraId={camera?.id} />
        <WatchFields />
        <Form.Item name="enabled" label={t('camera:form.enabled')} valuePropName="checked" className={styles.half}>
          <Switch data-testid="camera-form-enabled" />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Consent() {
  const { t } = useT();
  const kind = Form.useWatch<CameraFields['kind']>('kind');
  if (kind !== 'household') return null;
  return (
    <>
      <Form.Item name="consent_from" label={t('camera:form.consentFrom')} className={styles.half} extra={t('camera:form.consentHint')} rules={[{ required: true, message: t('camera:form.consentMissing') }]}>
        <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="consent_until" label={t('camera:form.consentUntil')} className={styles.half}>
        <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" style={{ width: '100%' }} />
      </Form.Item>
    </>
  );
}
