/** A camera whose live picture may not be shown: why, and for masks the latest masked still, marked as one. */
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useSnapshot } from '../queries/snapshot';
import { clockText } from '../time/centre';
import styles from './LiveView.module.css';
import { Words } from './Veil';

export function ClosedView({ camera }: { camera: Camera }) {
  const { t } = useT();
  switch (camera.live_reason) {
    case 'masks':
      return <MaskedStill cameraId={camera.id} name={camera.name} />;
    case 'no_consent':
      return <Words icon="lock" title={t('wall:noConsent')} more={t('wall:noConsentHint')} />;
    default:
      return <Words icon="off" title={t('wall:disabled')} />;
  }
}

function MaskedStill({ cameraId, name }: { cameraId: string; name: string }) {
  const { t } = useT();
  const snapshot = useSnapshot(cameraId, true);
  if (!snapshot.data) return <Words icon="lock" title={t('wall:masked')} />;
  const time = clockText(snapshot.data.capturedAt);
  return (
    <>
      <img className={styles.still} src={snapshot.data.address} alt={`${name} ${t('wall:maskedStill', { time })}`} />
      <div className={`${styles.veil} ${styles.low}`} data-testid="veil">
        <span className={`${styles.more} ${styles.bar}`}>{t('wall:maskedNow', { time })}</span>
      </div>
    </>
  );
}
