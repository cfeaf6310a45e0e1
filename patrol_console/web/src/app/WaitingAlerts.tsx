/** How many alerts wait, by severity, in the top bar; a click leads to them. Severities with none are quiet. */
import { useT } from '../i18n/useT';
import { Link } from 'react-router';
import { severities } from '../api/nouns';
import { useAlertCounts } from '../queries/alerts';
import { SeverityMark } from '../shapes/SeverityMark';
import styles from './TopBar.module.css';

export function WaitingAlerts() {
  const { t } = useT();
  const waiting = useAlertCounts().data?.waiting;
  if (!waiting) return null;
  return (
    <Link to="/alerts" className={styles.waiting} aria-label={t('bar.waiting')} data-testid="waiting-alerts">
      {severities.map((severity) => (
        <span key={severity} className={styles.count} data-none={!waiting[severity]} data-testid={`waiting-${severity}`}>
          <SeverityMark severity={severity} />
          {waiting[severity] ?? 0}
        </span>
      ))}
    </Link>
  );
}
