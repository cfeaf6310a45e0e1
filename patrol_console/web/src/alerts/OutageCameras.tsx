/** The cameras of an outage as they are now: who is still dark, who is back, since when; and where to look first. */
import { Skeleton } from 'antd';
import { Link } from 'react-router';
import type { AlertOutage } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useOutage } from '../queries/outages';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { Failed } from '../shapes/Notice';
import { CountUp } from '../time/CountUp';
import { momentText } from '../time/centre';
import styles from './OutageCameras.module.css';

export function OutageCameras({ outage }: { outage: AlertOutage }) {
  const { t } = useT();
  const query = useOutage(outage.id);
  const atGateway = outage.silent || outage.whole ? t('alert:outage.hint.gateway') : t('alert:outage.hint.scattered');
  const hints = { gateway: atGateway, subnet: t('alert:outage.hint.subnet'), area: t('alert:outage.hint.area') };
  if (query.isPending) return <Skeleton active paragraph={{ rows: 6 }} />;
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  const { items, recovered_at: over, began_at: began } = query.data;
  const back = items.filter((camera) => camera.back_at !== null).length;
  const counts = { back, dark: items.length - back };
  return (
    <section data-testid="outage-cameras">
      <h2>{t('alert:outage.title')}</h2>
      <p className={styles.sum}>
        <b>{over ? t('alert:outage.over', counts) : t('alert:outage.still', counts)}</b>
        <span className="quiet">
          {t('alert:outage.began')} {momentText(began)} · {t('alert:outage.lasts')} <CountUp from={began} until={over} />
        </span>
      </p>
      {!over && <p className="quiet">{hints[outage.scope]}</p>}
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{t('alert:outage.camera')}</th>
            <th>{t('alert:outage.now')}</th>
            <th>{t('alert:outage.since')}</th>
            <th>{t('alert:outage.backAt')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((camera) => (
            <tr key={camera.camera_id} data-back={camera.back_at !== null}>
              <td>
                <Link to={`/cameras/${camera.camera_id}`}>{camera.name}</Link>
                <span className="quiet"> · {camera.area_name}</span>
              </td>
              <td>
                {camera.state === null ? (
                  <span className="quiet">{t('alert:outage.gone')}</span>
                ) : (
                  <>
                    <CameraStateMark state={camera.state} />
                    {camera.cause && camera.cause !== 'none' && <span className="quiet"> · {t(`words:cause.${camera.cause}`)}</span>}
                  </>
                )}
              </td>
              <td>{momentText(camera.down_since)}</td>
              <td>{camera.back_at ? momentText(camera.back_at) : <span className="quiet">–</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
