/** The line at the foot of a pane: its name, what the pointer brings out, and its few tools. */
import { Link } from 'react-router';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import type { PlayerState } from '../player/state';
import { Icon } from '../shapes/Icon';
import styles from './Pane.module.css';
import { PaneFacts } from './PaneFacts';

interface Props {
  camera: Camera;
  state: PlayerState;
  lagMs: () => number;
  near: boolean; // the pointer or the keyboard is here
  big: boolean;
  onEnlarge: () => void;
  onTakeOut: (() => void) | null; // null: a screen, which the desk fills
}

export function PaneFoot({ camera, state, lagMs, near, big, onEnlarge, onTakeOut }: Props) {
  const { t } = useT();
  return (
    <div className={styles.foot}>
      <span className={styles.name}>{camera.name}</span>
      {camera.simulated && hasPicture(camera, state) && <span className={styles.simulated}>{t('wall:simulated')}</span>}
      <span className={styles.facts}>{near && <PaneFacts camera={camera} state={state} lagMs={lagMs} />}</span>
      <div className={styles.tools}>
        {onTakeOut && (
          <Link to={`/cameras/${camera.id}`} aria-label={t('wall:openCamera')} title={t('wall:openCamera')}>
            <Icon name="cameras" />
          </Link>
        )}
        <button type="button" onClick={onEnlarge} aria-label={big ? t('wall:shrink') : t('wall:enlarge')} title={big ? t('wall:shrink') : t('wall:enlarge')}>
          <Icon name={big ? 'close' : 'full'} />
        </button>
        {!big && onTakeOut && (
          <button type="button" onClick={onTakeOut} aria-label={t('wall:takeOut')} title={`${t('wall:takeOut')} Delete`}>
            <Icon name="close" />
          </button>
        )}
      </div>
    </div>
  );
}

function hasPicture(camera: Camera, picture: PlayerState): boolean {
  return picture.kind === 'live' || picture.kind === 'stale' || camera.live_reason === 'masks';
}
