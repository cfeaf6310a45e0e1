/** What is known of a camera beside its picture: its code, where it stands on the map, where its recordings lie, tags. */
import { Form, Input, InputNumber, Select } from 'antd';
import { useMemo } from 'react';
import { useT } from '../i18n/useT';
import { useCameras } from '../queries/cameras';
import styles from './CameraFormDialog.module.css';
import type { CameraFields } from './cameraFields';
import { PositionField } from './PositionField';

const mostTags = 16;

export function DetailFields({ cameraId }: { cameraId: string | undefined }) {
  const { t } = useT();
  const cameras = useCameras().data;
  const known = useMemo(() => [...new Set((cameras ?? []).flatMap((camera) => camera.tags))].sort((a, b) => a.localeCompare(b, 'zh')), [cameras]);
  const half = { longitude: Form.useWatch<CameraFields['longitude']>('longitude'), latitude: Form.useWatch<CameraFields['latitude']>('latitude') };
  const one = (half.longitude ?? null) === null ? (half.latitude ?? null) !== null : (half.latitude ?? null) === null;
  return (
    <>
      <Form.Item name="national_code" label={t('camera:form.code')} className={styles.half} rules={[{ pattern: /^\s*(\d{20})?\s*$/, message: t('camera:form.codeWrong') }]}>
        <Input maxLength={24} inputMode="numeric" autoComplete="off" placeholder={t('camera:form.codeHint')} data-testid="camera-form-code" />
      </Form.Item>
      <Form.Item name="recordings" label={t('camera:form.recordings')} className={styles.half}>
        <Input maxLength={128} placeholder={t('camera:form.recordingsHint')} data-testid="camera-form-recordings" />
      </Form.Item>
      <Form.Item name="longitude" label={t('camera:form.longitude')} className={styles.half} validateStatus={one ? 'error' : undefined} help={one ? t('camera:form.half') : undefined}>
        <InputNumber min={-180} max={180} controls={false} placeholder="WGS84" style={{ width: '100%' }} data-testid="camera-form-longitude" />
      </Form.Item>
      <Form.Item name="latitude" label={t('camera:form.latitude')} className={styles.half}>
        <InputNumber min={-90} max={90} controls={false} placeholder="WGS84" style={{ width: '100%' }} data-testid="camera-form-latitude" />
      </Form.Item>
      <PositionField cameraId={cameraId} />
      <Form.Item name="tags" label={t('camera:form.tags')}>
        <Select mode="tags" maxCount={mostTags} tokenSeparators={[',', '，', '、', ';', '；']} options={known.map((value) => ({ value, label: value }))} placeholder={t('camera:form.tagsHint')} data-testid="camera-form-tags" />
      </Form.Item>
    </>
  );
}
