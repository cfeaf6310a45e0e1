/** How a camera did: the strip of the last 24 hours, and the last changes with cause and duration. */
import { Button, Skeleton } from 'antd';
import { useState } from 'react';
import { useT } from '../i18n/useT';
import { useStates } from '../queries/states';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Failed } from '../shapes/Notice';
import { CountUp } from '../time/CountUp';
import { Moment } from '../time/Moment';
import styles from './CameraPage.module.css';
import strip from './StateStrip.module.css';
import { StateStrip } from './StateStrip';

const few = 6;

export function StatesPanel({ cameraId }: { cameraId: string }) {
  const { t } = useT();
  const states = useStates(cameraId);
  const [all, setAll] = useState(false);
  const changes = [...(states.data?.items ?? [])].reverse();
  const shown = all ? changes : changes.slice(0, few);
  return (
    <section className={styles.panel} data-testid="states">
      <h2 className={styles.panelHead}>
        {t('camera:states.title')} · {t('camera:states.strip')}
      </h2>
      {states.isPending ? (
        <Skeleton active title={false} paragraph={{ rows: 3 }} />
      ) : states.isError ? (
        <Failed error={states.error} onRetry={() => void states.refetch()} />
      ) : changes.length === 0 ? (
        <p className={styles.empty}>{t('camera:states.none')}</p>
      ) : (
        <>
          <StateStrip history={states.data} />
          <table className={strip.changes}>
            <thead>
              <tr>
                <th>{t('camera:states.when')}</th>
                <th>{t('camera:states.state')}</th>
                <th>{t('camera:cause')}</th>
                <th>{t('camera:states.long')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((stretch) => (
                <tr key={stretch.since}>
                  <td>
                    <Moment at={stretch.since} />
                  </td>
                  <td>
                    <CameraStateMark state={stretch.state} />
                  </td>
                  <td className="quiet">{stretch.cause !== 'none' && t(`words:cause.${stretch.cause}`)}</td>
                  <td>
                    <CountUp from={stretch.since} until={stretch.until} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {changes.length > few && (
            <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => setAll(!all)}>
              {all ? t('camera:states.showLess') : t('camera:states.showAll', { count: changes.length })}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
