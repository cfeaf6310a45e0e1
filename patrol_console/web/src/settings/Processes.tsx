/** The hub's processes, a line each: whether it answers, how much it takes, since when it runs. */
import type { Machine } from '../api/nouns';
import { useT } from '../i18n/useT';
import { CountUp } from '../time/CountUp';
import { bytesText } from './figures';
import styles from './MachinePage.module.css';

export function Processes({ processes }: { processes: Machine['processes'] }) {
  const { t } = useT();
  return (
    <table className={styles.processes}>
      <caption>{t('machine:processes')}</caption>
      <thead>
        <tr>
          <th>{t('machine:process')}</th>
          <th>{t('machine:state')}</th>
          <th>{t('machine:cpuOfCore')}</th>
          <th>{t('machine:memory')}</th>
          <th>{t('machine:runs')}</th>
        </tr>
      </thead>
      <tbody>
        {processes.map((process) => (
          <tr key={process.name} data-testid={`process-${process.name}`} data-state={process.state}>
            <td>{t(`words:process.${process.name}`)}</td>
            <td className={styles.state}>{process.state === 'silent' ? t('machine:silent') : t('machine:running')}</td>
            <td>{process.cpu_percent == null ? '—' : `${Math.round(process.cpu_percent)}%`}</td>
            <td>{process.memory_bytes == null ? '—' : bytesText(process.memory_bytes)}</td>
            <td>{process.started_at ? <CountUp from={process.started_at} /> : '—'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
