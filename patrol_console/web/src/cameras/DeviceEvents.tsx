/** 设备事件: what a camera reported itself, the newest first. */
import type { DeviceEvent } from '../api/nouns';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { Moment } from '../time/Moment';
import styles from './Record.module.css';

export function DeviceEvents({ events }: { events: DeviceEvent[] }) {
  const { t } = useT();
  if (events.length === 0) return <p className="quiet">{t('camera:record.noEvents')}</p>;
  return (
    <ul className={styles.entries} data-testid="device-events">
      {events.map((event) => (
        <li key={event.id}>
          <span className={styles.when}>
            <Moment at={event.at} />
          </span>
          <span className={styles.what}>
            {wordFor('deviceEvent', event.kind)}
            {event.active !== null && ` · ${event.active ? t('camera:record.began') : t('camera:record.ended')}`}
          </span>
          <p className={styles.note}>{event.topic}</p>
        </li>
      ))}
    </ul>
  );
}
