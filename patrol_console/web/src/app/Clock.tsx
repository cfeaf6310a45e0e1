/** The centre's day and time, by the server's clock. */
import { clockText, dayText, useNow } from '../time/centre';
import styles from './TopBar.module.css';

export function Clock() {
  const now = useNow();
  return (
    <time className={styles.clock} dateTime={new Date(now).toISOString()}>
      <span className="quiet">{dayText(now).slice(5)}</span> {clockText(now)}
    </time>
  );
}
