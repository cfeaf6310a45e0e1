/** How many of the chosen area's cameras are online now, and today's online rate (在线率), which leads to the report. */
import { Link } from 'react-router';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useOnlineReport } from '../queries/reports';
import { levelOf, rateText } from '../reports/rates';
import { dayText, serverNow } from '../time/centre';
import styles from './CameraTablePage.module.css';

/** `cameras`: those of the area; who is switched off or paused by its owner need not be online. */
export function OnlineRate({ area, cameras }: { area: string | null; cameras: readonly Camera[] }) {
  const { t } = useT();
  const today = dayText(serverNow());
  const report = useOnlineReport({ area, from: today, to: today });
  const due = cameras.filter(({ state }) => state !== 'off' && state !== 'paused');
  const online = due.filter(({ state }) => state === 'online').length;
  const whole = report.data?.area ?? (report.data?.areas.length === 1 ? report.data.areas[0] : null);
  const rate = whole?.rate ?? null;
  return (
    <Link to={area ? `/reports/online?area=${area}` : '/reports/online'} className={styles.rate} data-testid="online-rate">
      {t('join:rate.now', { online, all: due.length })}
      {rate !== null && (
        <span className={styles.rateToday} data-level={levelOf(rate)}>
          {t('join:rate.today', { rate: rateText(rate) })}
        </span>
      )}
    </Link>
  );
}
