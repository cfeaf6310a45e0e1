/** That a camera is dark together with others, and the way to what is known of it. */
import { Link } from 'react-router';
import { useT } from '../i18n/useT';
import { useOutage } from '../queries/outages';
import { scopeText } from '../shapes/scopeText';
import styles from './OutageNotice.module.css';

export function OutageNotice({ outageId }: { outageId: string }) {
  const { t } = useT();
  const outage = useOutage(outageId).data;
  if (!outage) return null;
  return (
    <p className={styles.notice} role="status" data-testid="camera-outage">
      {t('camera:outage', { name: scopeText(outage) })}
      {outage.alert_id && <Link to={`/alerts/${outage.alert_id}`}>{t('camera:outageOpen')}</Link>}
    </p>
  );
}
