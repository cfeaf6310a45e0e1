/** A camera's state as a small shape and its word: filled ring online, half degraded, empty offline, bars paused. */
import { useT } from '../i18n/useT';
import type { CameraState } from '../api/nouns';

const colours: Record<CameraState, string> = {
  online: 'var(--good)',
  degraded: 'var(--orange)',
  offline: 'var(--quiet)',
  paused: 'var(--quiet)',
  off: 'var(--quiet)',
};

export function CameraStateMark({ state, word = true }: { state: CameraState; word?: boolean }) {
  const { t } = useT();
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8, whiteSpace: 'nowrap' }}>
      <svg width="10" height="10" viewBox="0 0 10 10" role={word ? undefined : 'img'} aria-label={word ? undefined : t(`words:cameraState.${state}`)} aria-hidden={word}>
        <Shape state={state} colour={colours[state]} />
      </svg>
      {word && <span>{t(`words:cameraState.${state}`)}</span>}
    </span>
  );
}

function Shape({ state, colour }: { state: CameraState; colour: string }) {
  switch (state) {
    case 'online':
      return <circle cx="5" cy="5" r="4" fill={colour} />;
    case 'degraded':
      return (
        <>
          <circle cx="5" cy="5" r="4" fill="none" stroke={colour} strokeWidth="1.5" />
          <path d="M5 1a4 4 0 0 1 0 8z" fill={colour} />
        </>
      );
    case 'offline':
      return <path d="M2 2l6 6M8 2 2 8" stroke={colour} strokeWidth="1.8" />;
    case 'paused':
      return <path d="M3 1.5v7M7 1.5v7" stroke={colour} strokeWidth="1.8" />;
    case 'off':
      return <circle cx="5" cy="5" r="4" fill="none" stroke={colour} strokeWidth="1.5" />;
  }
}
