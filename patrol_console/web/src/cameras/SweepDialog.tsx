/** One sweep while it runs and after: a bar with its count, and the cameras without a picture with their reasons. */
import { Button, Modal, Progress, Skeleton } from 'antd';
import { Link } from 'react-router';
import type { SweepDetail } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useStopSweep, useSweep } from '../queries/sweeps';
import { Failed } from '../shapes/Notice';
import styles from './SweepDialog.module.css';

export function SweepDialog({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { t } = useT();
  const sweep = useSweep(id);
  const stop = useStopSweep(id ?? '');
  const running = sweep.data?.state === 'running';
  const footer = running ? (
    <Button onClick={() => stop.mutate()} loading={stop.isPending} data-testid="sweep-stop">
      {t('sweep:stop')}
    </Button>
  ) : null;
  return (
    <Modal open={id !== null} title={t('sweep:title')} footer={footer} onCancel={onClose} width={640}>
      {sweep.isError ? (
        <Failed error={sweep.error} onRetry={() => void sweep.refetch()} />
      ) : sweep.data ? (
        <Sweep sweep={sweep.data} />
      ) : (
        <Skeleton active title={false} paragraph={{ rows: 4 }} />
      )}
    </Modal>
  );
}

function Sweep({ sweep }: { sweep: SweepDetail }) {
  const { t } = useT();
  const done = sweep.swept + sweep.failed + sweep.skipped;
  const without = sweep.cameras.filter((camera) => camera.outcome !== 'swept');
  return (
    <div data-testid="sweep" data-state={sweep.state}>
      <Progress percent={Math.round((done / Math.max(1, sweep.total)) * 100)} format={() => `${done} / ${sweep.total}`} status={sweep.state === 'running' ? 'active' : 'normal'} showInfo />
      <p role="status">{t('sweep:counts', { swept: sweep.swept, failed: sweep.failed, skipped: sweep.skipped })}</p>
      {sweep.state === 'running' && <p className="quiet">{t('sweep:goesOn')}</p>}
      {sweep.state === 'stopped' && <p role="alert">{sweep.detail ? t('sweep:brokenOff') : t('sweep:stopped')}</p>}
      {sweep.state === 'done' && without.length === 0 && <p>{t('sweep:allWell')}</p>}
      {without.length > 0 && (
        <ul className={styles.list} data-testid="sweep-without">
          {without.map((camera) => (
            <li key={camera.camera_id}>
              <Link to={`/cameras/${camera.camera_id}`}>{camera.camera_name}</Link>
              <span className="quiet">
                {camera.outcome === 'skipped' ? t('sweep:skipped') : t('sweep:failed')} · {camera.cause === 'none' ? t('sweep:noPicture') : t(`words:cause.${camera.cause}`)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
