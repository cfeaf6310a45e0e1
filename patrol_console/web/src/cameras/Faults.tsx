/** The times in which a camera was not well: since when, why, how long, and of which outage. */
import type { CameraRecord } from '../api/nouns';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { CountUp } from '../time/CountUp';
import { Moment } from '../time/Moment';
import styles from './CameraPage.module.css';

export function Faults({ faults }: { faults: CameraRecord['faults'] }) {
  const { t } = useT();
  if (faults.length === 0) return <p className={styles.empty}>{t('camera:record.noFaults')}</p>;
  return (
    <table className={styles.viewings} data-testid="faults">
      <thead>
        <tr>
          <th>{t('camera:states.when')}</th>
          <th>{t('camera:states.state')}</th>
          <th>{t('camera:cause')}</th>
          <th>{t('camera:states.long')}</th>
        </tr>
      </thead>
      <tbody>
        {faults.map((fault) => (
          <tr key={`${fault.since} ${fault.outage_id ?? ''}`}>
            <td>
              <Moment at={fault.since} />
            </td>
            <td>
              <CameraStateMark state={fault.state} />
            </td>
            <td>
              {wordFor('cause', fault.cause)}
              {fault.outage_name && <span className="quiet"> · {t('camera:record.outage', { name: fault.outage_name })}</span>}
            </td>
            <td>
              <CountUp from={fault.since} until={fault.until} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
