/** One alert: its evidence and its camera live, side by side; what is known; what happened; what may be done. */
import { Button, Skeleton } from 'antd';
import { Link } from 'react-router';
import type { AlertDetail } from '../api/nouns';
import { Problem } from '../api/problem';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { StatesPanel } from '../cameras/StatesPanel';
import { useAlert } from '../queries/alerts';
import { useCamera } from '../queries/cameras';
import { Failed, Notice } from '../shapes/Notice';
import { scopeText } from '../shapes/scopeText';
import { SeverityMark } from '../shapes/SeverityMark';
import { CountUp } from '../time/CountUp';
import { Moment } from '../time/Moment';
import styles from './AlertDetailView.module.css';
import { EvidenceFigure, LiveFigure } from './AlertPictures';
import { DismissDialog } from './DismissDialog';
import { OutageCameras } from './OutageCameras';
import { Timeline } from './Timeline';
import type { Actions } from './useActions';

const machineKinds = new Set(['outage', 'camera_offline']); // of no picture and no rule

interface Props {
  alertId: string;
  actions: Actions;
  dismissing: boolean;
  setDismissing: (open: boolean) => void;
}

export function AlertDetailView({ alertId, actions, dismissing, setDismissing }: Props) {
  const { t } = useT();
  const query = useAlert(alertId);
  if (query.isPending) return <Skeleton active className={styles.page} paragraph={{ rows: 10 }} />;
  if (query.isError) {
    if (query.error instanceof Problem && [403, 404].includes(query.error.status)) return <Notice icon="search" title={t('alert:notFound')} />;
    return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  }
  const alert = query.data;
  return (
    <article className={styles.page} data-testid="alert-detail" data-alert-id={alert.id} data-state={alert.state}>
      <header className={styles.head}>
        <h1>
          <SeverityMark severity={alert.severity} /> · {wordFor('alertKind', alert.kind)} · {alert.outage ? scopeText(alert.outage) : alert.camera_name}
        </h1>
        <span className={styles.state}>{t(`words:alertState.${alert.state}`)}</span>
        <Moment at={alert.raised_at} bare />
        {alert.state === 'raised' && (
          <span className={styles.waited}>
            {t('alert:waited')} <CountUp from={alert.raised_at} />
          </span>
        )}
        <div className={styles.actions}>
          {alert.verbs.includes('dismiss') && (
            <Button disabled={actions.busy} onClick={() => setDismissing(true)} data-testid="dismiss">
              {t('alert:dismiss')}
              <kbd>X</kbd>
            </Button>
          )}
          {alert.verbs.includes('acknowledge') && (
            <Button type="primary" loading={actions.busy} onClick={actions.acknowledge} data-testid="acknowledge">
              {t('alert:acknowledge')}
              <kbd>A</kbd>
            </Button>
          )}
        </div>
      </header>
      {actions.refused && (
        <p className={styles.refused} role="alert" data-testid="action-refused">
          {actions.refused}
        </p>
      )}
      <div className={styles.body}>
        <div className={styles.column}>
          {alert.outage ? <OutageCameras outage={alert.outage} /> : alert.kind === 'camera_offline' ? <OfflineCamera cameraId={alert.camera_id} /> : <EvidenceFigure alert={alert} />}
          {!machineKinds.has(alert.kind) && <Facts alert={alert} />}
        </div>
        <div className={styles.column}>
          {!alert.outage && <LiveFigure alert={alert} />}
          <Timeline steps={alert.timeline} />
        </div>
      </div>
      <DismissDialog open={dismissing} busy={actions.busy} onClose={() => setDismissing(false)} onDismiss={(reason) => actions.dismiss(reason, () => setDismissing(false))} />
    </article>
  );
}

function OfflineCamera({ cameraId }: { cameraId: string }) {
  const { t } = useT();
  const camera = useCamera(cameraId).data;
  return (
    <section>
      <h2 className={styles.headed}>
        {t('alert:offline.title')}
        {camera && (
          <>
            {' · '}
            <Link to={`/cameras/${camera.id}`}>{camera.name}</Link>
            <span className="quiet"> · {camera.area_name}</span>
          </>
        )}
      </h2>
      <StatesPanel cameraId={cameraId} />
    </section>
  );
}

function Facts({ alert }: { alert: AlertDetail }) {
  const { t } = useT();
  return (
    <section>
      <h2>{t('alert:facts')}</h2>
      <dl className={styles.facts}>
        <dt>{t('alert:camera')}</dt>
        <dd>
          <Link to={`/cameras/${alert.camera_id}`}>{alert.camera_name}</Link>
          <span className="quiet"> · {alert.area_name}</span>
        </dd>
        <dt>{t('alert:rule')}</dt>
        <dd>
          {alert.rule_name ?? t('camera:unknown')}
          {alert.zone_name && <span className="quiet"> · {alert.zone_name}</span>}
        </dd>
        <dt>{t('alert:labels')}</dt>
        <dd>
          {alert.labels.map((label) => wordFor('label', label)).join(' / ')}
          <span className="quiet"> · {t('alert:confidence')} {Math.round(alert.confidence * 100)}%</span>
        </dd>
        <dt>{t('alert:captured')}</dt>
        <dd>
          <Moment at={alert.captured_at} />
        </dd>
      </dl>
    </section>
  );
}
