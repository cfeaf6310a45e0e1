/**
 * The last 24 hours of a camera's states as one strip: a shape of its own for each state, so that colour alone says
 * nothing. Pointer or arrow keys choose a stretch, and its words stand beneath.
 */
import { useState, type KeyboardEvent } from 'react';
import type { StateHistory, StateStretch } from '../api/nouns';
import { useT } from '../i18n/useT';
import { CameraStateMark } from '../shapes/CameraStateMark';
import { clockText, durationText, momentText, useNow } from '../time/centre';
import styles from './StateStrip.module.css';
import { stretchesIn, ticksIn } from './stripGeometry';

export function StateStrip({ history }: { history: StateHistory }) {
  const { t } = useT();
  const now = useNow();
  const [chosen, setChosen] = useState<number | null>(null);
  const end = now;
  const start = end - 86_400_000;
  const parts = stretchesIn(history.items, start, end);
  const at = chosen === null ? parts.length - 1 : Math.min(chosen, parts.length - 1);
  const shown = parts[at];

  function move(event: KeyboardEvent): void {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setChosen(Math.max(0, Math.min(parts.length - 1, at + step)));
  }

  return (
    <div>
      <div
        className={styles.strip}
        role="slider"
        tabIndex={0}
        aria-label={t('camera:states.strip')}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, parts.length - 1)}
        aria-valuenow={Math.max(0, at)}
        aria-valuetext={shown && `${t(`words:cameraState.${shown.stretch.state}`)}, ${t(`words:cause.${shown.stretch.cause}`)}, ${momentText(shown.stretch.since, now)}`}
        title={t('camera:states.stripHint')}
        onKeyDown={move}
        onPointerLeave={() => setChosen(null)}
        data-testid="state-strip"
      >
        {parts.map((part, i) => (
          <i
            key={part.stretch.since}
            className={styles.part}
            data-state={part.stretch.state}
            data-rest={part.stretch.cause === 'resting'}
            data-chosen={chosen !== null && i === at}
            style={{ left: `${part.left}%`, width: `max(2px, ${part.width}%)` }}
            onPointerEnter={() => setChosen(i)}
          />
        ))}
      </div>
      <div className={styles.ticks} aria-hidden="true">
        {ticksIn(start, end).map(({ at: tick, left }) => (
          <span key={tick} style={{ left: `${left}%` }}>
            {clockText(tick).slice(0, 5)}
          </span>
        ))}
      </div>
      <p className={styles.said}>{shown ? <Said stretch={shown.stretch} now={now} /> : t('camera:states.unknown')}</p>
    </div>
  );
}

function Said({ stretch, now }: { stretch: StateStretch; now: number }) {
  const { t } = useT();
  const until = stretch.until ? Date.parse(stretch.until) : now;
  return (
    <>
      <CameraStateMark state={stretch.state} />
      {stretch.cause !== 'none' && <span> · {t(`words:cause.${stretch.cause}`)}</span>}
      <span className="quiet">
        {' · '}
        {t('camera:states.from', { since: momentText(stretch.since, now), duration: durationText((until - Date.parse(stretch.since)) / 1000) })}
      </span>
    </>
  );
}
