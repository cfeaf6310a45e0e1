/** Who looked at this camera, why, when and for how long (调阅登记). */
import { Skeleton } from 'antd';
import type { ViewingRecord } from '../api/nouns';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { useViewings } from '../queries/cameras';
import { Failed } from '../shapes/Notice';
import { durationText } from '../time/centre';
import { CountUp } from '../time/CountUp';
import { Moment } from '../time/Moment';
import styles from './CameraPage.module.css';

export function ViewingsPanel({ cameraId }: { cameraId: string }) {
  const { t } = useT();
  const viewings = useViewings(cameraId);
  return (
    <section className={styles.panel}>
      <h2 className={styles.panelHead}>{t('camera:viewings.title')}</h2>
      {viewings.isPending ? (
        <Skeleton active title={false} paragraph={{ rows: 3 }} />
      ) : viewings.isError ? (
        <Failed error={viewings.error} onRetry={() => void viewings.refetch()} />
      ) : viewings.data.length === 0 ? (
        <p className={styles.empty}>{t('camera:viewings.noneHint')}</p>
      ) : (
        <table className={styles.viewings} data-testid="viewings">
          <thead>
            <tr>
              <th>{t('camera:viewings.who')}</th>
              <th>{t('camera:viewings.why')}</th>
              <th>{t('camera:viewings.when')}</th>
              <th>{t('camera:viewings.long')}</th>
            </tr>
          </thead>
          <tbody>
            {viewings.data.map((viewing, i) => (
              <Line key={i} viewing={viewing} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Line({ viewing }: { viewing: ViewingRecord }) {
  const { t } = useT();
  return (
    <tr>
      <td>
        {viewing.user_name}
        {viewing.unit && <span className="quiet"> · {viewing.unit}</span>}
      </td>
      <td>
        {wordFor('purpose', viewing.purpose)}
        {viewing.audio && <span className="quiet"> · {t('camera:viewings.heard')}</span>}
      </td>
      <td>
        <Moment at={viewing.opened_at} />
      </td>
      <td>
        {viewing.closed_at ? (
          durationText(viewing.seconds ?? (Date.parse(viewing.closed_at) - Date.parse(viewing.opened_at)) / 1000)
        ) : (
          <>
            {t('camera:viewings.open')} <CountUp from={viewing.opened_at} />
          </>
        )}
      </td>
    </tr>
  );
}
