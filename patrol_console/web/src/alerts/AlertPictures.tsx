/** The evidence picture as it was, and the camera as it is now. */
import { useState } from 'react';
import type { AlertDetail } from '../api/nouns';
import { useT } from '../i18n/useT';
import { LiveView } from '../live/LiveView';
import { useCamera } from '../queries/cameras';
import { useMay } from '../queries/session';
import { Notice } from '../shapes/Notice';
import { momentText } from '../time/centre';
import styles from './AlertDetailView.module.css';

export function AlertPictures({ alert }: { alert: AlertDetail }) {
  const { t } = useT();
  const mayLook = useMay('camera.live');
  const camera = useCamera(alert.camera_id);
  return (
    <div className={styles.pictures}>
      <figure>
        <figcaption>
          {t('alert:evidence')} · {momentText(alert.captured_at)}
          {alert.simulated && ` · ${t('alert:simulated')}`}
        </figcaption>
        <div className={styles.picture}>
          <Evidence alert={alert} />
        </div>
      </figure>
      {mayLook && (
        <figure>
          <figcaption>{t('alert:live')}</figcaption>
          <div className={styles.picture}>{camera.data && <LiveView camera={camera.data} purpose="alert" reference={alert.id} />}</div>
        </figure>
      )}
    </div>
  );
}

function Evidence({ alert }: { alert: AlertDetail }) {
  const { t } = useT();
  const [broken, setBroken] = useState(false);
  if (broken || alert.evidence === 'missing' || !alert.evidence_url) {
    return <Notice title={t('alert:evidenceMissing')} hint={t('alert:evidenceMissingHint')} />;
  }
  return (
    <img
      src={alert.evidence_url}
      alt={t('alert:evidenceAlt', { camera: alert.camera_name, time: momentText(alert.captured_at) })}
      onError={() => setBroken(true)}
      data-testid="evidence"
    />
  );
}
