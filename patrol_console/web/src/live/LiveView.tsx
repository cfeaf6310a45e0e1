/**
 * One camera's picture and nothing that lies about it: the live video where it may be shown, a marked still where
 * only that is allowed, and over either a veil that says what is wrong. Fills whatever it is put in.
 */
import { useEffect, useState, type ReactNode } from 'react';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useLivePicture } from '../player/useLivePicture';
import type { PlayerState } from '../player/state';
import type { Purpose } from '../queries/tickets';
import { ClosedView } from './ClosedView';
import { FocusNotes } from './FocusNotes';
import { PtzCorner } from './PtzCorner';
import styles from './LiveView.module.css';
import { Veil } from './Veil';

interface Props {
  camera: Camera;
  purpose: Purpose;
  reference?: string | null;
  active?: boolean; // false: rests, for a pane that stands behind an enlarged one
  focus?: boolean; // the one picture that somebody looks at: by WebRTC where that works
  onState?: (kind: PlayerState['kind']) => void;
  /** The line at the foot of the picture: names it, and says where it is simulated. */
  children?: (state: PlayerState, lagMs: () => number) => ReactNode;
}

export function LiveView(props: Props) {
  const { camera, children, onState } = props;
  const closed = camera.live === 'off';
  useEffect(() => {
    if (closed) onState?.('refused');
  }, [closed, onState]);
  if (closed) {
    return (
      <div className={styles.view} data-state="refused" data-testid="live-view">
        <ClosedView camera={camera} />
        {children?.({ kind: 'refused', code: 'live_off', detail: null }, () => 0)}
      </div>
    );
  }
  return <OpenView {...props} />;
}

function OpenView({ camera, purpose, reference = null, active = true, focus = false, onState, children }: Props) {
  const { t } = useT();
  const [wantsSound, wantSound] = useState(false);
  const sound = wantsSound && focus; // a picture that nobody looks at is silent
  const way = focus && !(sound && camera.facts.audio_codec === 'aac') ? 'webrtc' : 'mse'; // AAC is heard by MSE, G.711 by WebRTC
  const changed = `${camera.state} ${camera.revision}`;
  const { video, state, lagMs } = useLivePicture({ cameraId: camera.id, purpose, reference, active, way, sound, changed });
  useEffect(() => onState?.(state.kind), [state.kind, onState]);
  return (
    <div className={styles.view} data-state={state.kind} data-way={state.kind === 'live' ? state.way : undefined} data-testid="live-view">
      <video ref={video} className={styles.video} aria-label={camera.name} playsInline disablePictureInPicture />
      <Veil state={state} camera={camera} />
      {camera.live === 'masked' && state.kind === 'live' && (
        <span className={styles.masked} data-testid="masked-note">
          {t('wall:maskedLive')}
        </span>
      )}
      {focus && state.kind === 'live' && <FocusNotes camera={camera} state={state} sound={sound} onSound={wantSound} />}
      {focus && state.kind === 'live' && <PtzCorner camera={camera} />}
      {children ? children(state, lagMs) : camera.simulated && (state.kind === 'live' || state.kind === 'stale') && <span className={styles.simulated}>{t('wall:simulated')}</span>}
    </div>
  );
}
