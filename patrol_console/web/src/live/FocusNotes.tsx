/** What belongs to the one picture in focus: its sound, for those who may hear it, and why it does not come by WebRTC. */
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import type { PlayerState } from '../player/state';
import { useMay } from '../queries/session';
import { Icon } from '../shapes/Icon';
import styles from './LiveView.module.css';

interface Props {
  camera: Camera;
  state: Extract<PlayerState, { kind: 'live' }>;
  sound: boolean;
  onSound: (on: boolean) => void;
}

export function FocusNotes({ camera, state, sound, onSound }: Props) {
  const { t } = useT();
  const mayListen = useMay('camera.listen');
  const codec = camera.facts.audio_codec;
  const heard = mayListen && camera.audio && codec;
  const silent = sound && state.way === 'mse' && codec !== 'aac';
  return (
    <div className={styles.notes}>
      {state.fell && (
        <span className={styles.note} data-testid="fell" title={t(`wall:fell.${state.fell}`)}>
          {t('wall:byMse')}
        </span>
      )}
      {silent && <span className={styles.note}>{t('wall:soundNeedsWebRtc')}</span>}
      {heard && (
        <button type="button" className={styles.sound} aria-pressed={sound} aria-label={t(sound ? 'wall:mute' : 'wall:listen')} title={t(sound ? 'wall:mute' : 'wall:listen')} onClick={() => onSound(!sound)} data-testid="sound">
          <Icon name={sound ? 'sound' : 'mute'} />
        </button>
      )}
    </div>
  );
}
