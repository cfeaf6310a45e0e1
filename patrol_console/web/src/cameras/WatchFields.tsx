/** How closely a camera is watched, how it is reached, how grave its place is, whose it is, and whether it is heard. */
import { Form, InputNumber, Select, Switch } from 'antd';
import { severities, transports, watchModes } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useUnits } from '../queries/units';
import { SeverityMark } from '../shapes/SeverityMark';
import styles from './CameraFormDialog.module.css';
import type { CameraFields } from './cameraFields';

export function WatchFields() {
  const { t } = useT();
  const mode = Form.useWatch<CameraFields['watch_mode']>('watch_mode');
  const audio = Form.useWatch<boolean>('audio');
  const units = useUnits().data ?? [];
  const hints = {
    continuous: t('camera:form.watchHint.continuous'),
    interval: t('camera:form.watchHint.interval'),
    on_request: t('camera:form.watchHint.onRequest'),
  };
  return (
    <>
      <Form.Item name="watch_mode" label={t('camera:form.watch')} className={mode === 'interval' ? styles.half : undefined} extra={mode && hints[mode]}>
        <Select options={watchModes.map((value) => ({ value, label: t(`words:watchMode.${value}`) }))} data-testid="camera-form-watch" />
      </Form.Item>
      {mode === 'interval' && (
        <Form.Item name="every_min" label={t('camera:form.everyMin')} className={styles.half}>
          <InputNumber min={1} max={1440} precision={0} style={{ width: '100%' }} />
        </Form.Item>
      )}
      <Form.Item name="importance" label={t('camera:form.importance')} className={styles.half} extra={t('camera:form.importanceHint')}>
        <Select options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))} data-testid="camera-form-importance" />
      </Form.Item>
      <Form.Item name="transport" label={t('camera:form.transport')} className={styles.half}>
        <Select options={transports.map((value) => ({ value, label: t(`words:transport.${value}`) }))} />
      </Form.Item>
      <Form.Item name="unit_id" label={t('camera:form.unit')} className={styles.half}>
        <Select options={[{ value: '', label: t('camera:form.noUnit') }, ...units.map(({ id, name }) => ({ value: id, label: name }))]} data-testid="camera-form-unit" />
      </Form.Item>
      <Form.Item name="audio" label={t('camera:form.audio')} valuePropName="checked" className={styles.half} extra={audio && t('camera:form.audioHint')}>
        <Switch data-testid="camera-form-audio" />
      </Form.Item>
    </>
  );
}
