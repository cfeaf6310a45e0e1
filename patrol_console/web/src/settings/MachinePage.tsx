/** This machine now (本机状态): what the hub carries, what the machine has left, and how each process does. */
import { Skeleton } from 'antd';
import type { Machine } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useMachine } from '../queries/machine';
import { useMay } from '../queries/session';
import { Failed, NoRight } from '../shapes/Notice';
import { clockText } from '../time/centre';
import styles from './MachinePage.module.css';
import { Processes } from './Processes';
import { SettingsTabs } from './SettingsTabs';
import { bytesText, figureText } from './figures';

export function MachinePage() {
  const { t } = useT();
  const sees = useMay('machine.see');
  const query = useMachine(sees);
  if (!sees) return <NoRight />;
  return (
    <div className={styles.page} data-testid="machine">
      <SettingsTabs />
      {query.data ? (
        <>
          {query.isError && (
            <p className={styles.lost} role="alert">
              {t('machine:lost', { time: clockText(query.data.at) })}
            </p>
          )}
          <Figures machine={query.data} />
          <Processes processes={query.data.processes} />
        </>
      ) : query.isError ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton active paragraph={{ rows: 8 }} />
      )}
    </div>
  );
}

function Figures({ machine }: { machine: Machine }) {
  const { t } = useT();
  const silent = (name: string) => machine.processes.some((process) => process.name === name && process.state === 'silent');
  const noGateway = silent('gateway') ? t('machine:why.gateway') : t('machine:why.unknown');
  const noDetect = silent('detect') ? t('machine:why.detect') : t('machine:why.second');
  const { cameras, cameras_online: online, viewers, looks_per_s: looks, oldest_frame_s: oldest } = machine;
  return (
    <div className={styles.figures}>
      <Figure name={t('machine:cameras')} value={cameras === null || online === null ? null : `${online} / ${cameras}`} why={noGateway} low={online !== null && cameras !== null && online < cameras} />
      <Figure name={t('machine:looks')} value={figureText(looks, 1)} why={noDetect} />
      <Figure name={t('machine:oldest')} value={oldest === null ? null : oldest === 0 ? t('machine:noneWaits') : t('unit.seconds', { value: oldest.toFixed(1) })} why={t('machine:why.redis')} low={(oldest ?? 0) > 5} />
      <Figure name={t('machine:viewers')} value={figureText(viewers)} why={noGateway} />
      <Figure name={t('machine:cpu')} value={machine.cpu_percent === null ? null : `${Math.round(machine.cpu_percent)}%`} why={t('machine:why.second')} note={t('machine:cores', { count: machine.cores })} share={machine.cpu_percent} />
      <Used name={t('machine:memory')} total={machine.memory_total_bytes} used={machine.memory_used_bytes} />
      <Used
        name={t('machine:disk')}
        total={machine.disk_total_bytes}
        used={machine.disk_total_bytes === null || machine.disk_free_bytes === null ? null : machine.disk_total_bytes - machine.disk_free_bytes}
      />
    </div>
  );
}

function Used({ name, total, used }: { name: string; total: number | null; used: number | null }) {
  const { t } = useT();
  const known = total !== null && used !== null && total > 0;
  return (
    <Figure
      name={name}
      value={known ? t('machine:free', { free: bytesText(total - used) }) : null}
      why={t('machine:why.unknown')}
      note={known ? t('machine:ofAll', { all: bytesText(total) }) : undefined}
      share={known ? (100 * used) / total : null}
    />
  );
}

interface FigureProps {
  name: string;
  value: string | null; // null: not known, and `why` says so
  why: string;
  note?: string;
  low?: boolean;
  share?: number | null; // percent used, as a bar
}

function Figure({ name, value, why, note, low = false, share = null }: FigureProps) {
  return (
    <section className={styles.figure} data-low={low || (share ?? 0) > 90}>
      <h2>{name}</h2>
      <p className={styles.value}>{value ?? '—'}</p>
      {share !== null && (
        <div className={styles.bar} aria-hidden="true">
          <i style={{ width: `${Math.min(100, share)}%` }} />
        </div>
      )}
      <p className={styles.more}>{value === null ? why : note}</p>
    </section>
  );
}
