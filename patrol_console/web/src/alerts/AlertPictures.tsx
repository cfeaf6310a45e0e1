/** The evidence picture as it was, and the camera as it is now: two figures for the page to place. */
import { useState } from 'react';
import type { AlertDetail } from '../api/nouns';
import { Problem } from '../api/problem';
import { useT } from '../i18n/useT';
import { LiveView } from '../live/LiveView';
import { useCamera } from '../queries/cameras';
import { useMay } from '../queries/session';
import { Notice } from '../shapes/Notice';
import { momentText } from '../time/centre';
import styles from './AlertDetailView.module.css';

export function EvidenceFigure({ alert }: { alert: AlertDetail }) {
  const { t } = useT();
  return (
    <figure className={styles.figure}>
      <figcaption>
        {t('alert:evidence')} · {momentText(alert.captured_at)}
        {alert.simulated && ` · ${t('alert:simulated')}`}
      </figcaption>
      <div className={styles.evidence}>
        <Evidence alert={alert} />
      </div>
    </figure>
  );
}

export function LiveFigure({ alert }: { alert: AlertDetail }) {
  const { t } = useT();
  const mayLook = useMay('camera.live');
  const camera = useCamera(alert.camera_id);
  if (!mayLook) return null;
  const gone = camera.error instanceof Problem && camera.error.status === 404;
  return (
    <figure className={styles.figure}>
      <figcaption>{t('alert:live')}</figcaption>
      <div className={styles.picture}>
        {camera.data && !gone ? <LiveView camera={camera.data} purpose="alert" reference={alert.id} focus /> : gone && <Notice icon="off" title={t('wall:removed')} />}
      </div>
    </figure>
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
