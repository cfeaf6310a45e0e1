/** One alert in the list: severity by shape and word, where, what, how long it has waited or took. */
import type { Alert } from '../api/nouns';
import { useT } from '../i18n/useT';
import { wordFor } from '../i18n';
import { scopeText } from '../shapes/scopeText';
import { SeverityMark } from '../shapes/SeverityMark';
import { momentText } from '../time/centre';
import { CountUp } from '../time/CountUp';
import styles from './AlertList.module.css';

interface Props {
  alert: Alert;
  chosen: boolean;
  gone: boolean; // somebody has dealt with it since the list was read
  onChoose: () => void;
}

export function AlertRow({ alert, chosen, gone, onChoose }: Props) {
  const { t } = useT();
  return (
    <div
      role="option"
      aria-selected={chosen}
      className={styles.row}
      data-severity={alert.severity}
      data-gone={gone}
      data-testid="alert-row"
      data-alert-id={alert.id}
      data-state={alert.state}
      onClick={onChoose}
      onKeyDown={(event) => event.key === 'Enter' && onChoose()}
    >
      <SeverityMark severity={alert.severity} />
      <span className={styles.where}>{alert.outage ? scopeText(alert.outage) : alert.camera_name}</span>
      <span className={styles.clock}>
        <CountUp from={alert.raised_at} until={alert.closed_at ?? (alert.state === 'raised' ? null : alert.acknowledged_at)} />
      </span>
      <span className={styles.what}>
        {wordFor('alertKind', alert.kind)}
        {alert.zone_name && ` · ${alert.zone_name}`}
      </span>
      <span className={styles.state}>
        {gone ? t('alert:left') : alert.state === 'raised' ? alert.area_name : t(`words:alertState.${alert.state}`)}
        {!gone && alert.acknowledged_by && ` · ${alert.acknowledged_by}`}
      </span>
      <time className={styles.time} dateTime={alert.raised_at}>
        {momentText(alert.raised_at)}
      </time>
    </div>
  );
}
