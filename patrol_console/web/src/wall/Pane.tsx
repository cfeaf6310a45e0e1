/** One pane of the wall: a camera's picture with its name, or an empty place that takes one. */
import { useState, type DragEvent } from 'react';
import { Link } from 'react-router';
import type { Camera, Severity } from '../api/nouns';
import { useT } from '../i18n/useT';
import { LiveView } from '../live/LiveView';
import type { PlayerState } from '../player/state';
import { Icon } from '../shapes/Icon';
import { SeverityMark } from '../shapes/SeverityMark';
import { dragged, startDrag } from './drag';
import styles from './Pane.module.css';
import { PaneFacts } from './PaneFacts';

interface Props {
  number: number; // from 0
  camera: Camera | null;
  chosen: boolean;
  big: boolean;
  hidden: boolean;
  edge: Severity | null;
  onChoose: () => void;
  onEnlarge: () => void;
  onTakeOut: () => void;
  onPut: (cameraId: string) => void;
  onSwap: (from: number) => void;
}

export function Pane({ number, camera, chosen, big, hidden, edge, onChoose, onEnlarge, onTakeOut, onPut, onSwap }: Props) {
  const { t } = useT();
  const [state, setState] = useState<PlayerState['kind']>('connecting');

  function drop(event: DragEvent): void {
    const what = dragged(event.dataTransfer);
    if (!what) return;
    event.preventDefault();
    if (what.kind === 'pane') onSwap(what.pane);
    else onPut(what.cameraId);
  }

  return (
    <section
      className={styles.pane}
      data-testid={`pane-${number}`}
      data-camera-id={camera?.id ?? ''}
      data-state={camera ? state : 'empty'}
      data-chosen={chosen}
      data-big={big}
      data-edge={edge ?? undefined}
      hidden={hidden}
      tabIndex={chosen ? 0 : -1}
      aria-label={camera ? t('wall:pane', { number: number + 1, name: camera.name }) : t('wall:paneEmpty', { number: number + 1 })}
      draggable={camera !== null && !big}
      onDragStart={(event) => camera && startDrag(event.dataTransfer, { kind: 'pane', pane: number })}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
      onFocus={onChoose}
      onDoubleClick={() => camera && onEnlarge()}
    >
      {camera ? (
        <LiveView camera={camera} purpose="wall" active={!hidden} focus={big} onState={setState}>
          {(picture, lagMs) => (
            <div className={styles.foot}>
              {edge && <SeverityMark severity={edge} />}
              <span className={styles.name}>{camera.name}</span>
              {camera.simulated && hasPicture(camera, picture) && <span className={styles.simulated}>{t('wall:simulated')}</span>}
              <PaneFacts camera={camera} state={picture} lagMs={lagMs} />
              <div className={styles.tools}>
                <Link to={`/cameras/${camera.id}`} aria-label={t('wall:openCamera')} title={t('wall:openCamera')}>
                  <Icon name="cameras" />
                </Link>
                <button type="button" onClick={onEnlarge} aria-label={big ? t('wall:shrink') : t('wall:enlarge')} title={big ? t('wall:shrink') : t('wall:enlarge')}>
                  <Icon name={big ? 'close' : 'full'} />
                </button>
                {!big && (
                  <button type="button" onClick={onTakeOut} aria-label={t('wall:takeOut')} title={t('wall:takeOut')}>
                    <Icon name="close" />
                  </button>
                )}
              </div>
            </div>
          )}
        </LiveView>
      ) : (
        <p className={styles.empty}>{t('wall:putHere')}</p>
      )}
    </section>
  );
}

function hasPicture(camera: Camera, picture: PlayerState): boolean {
  return picture.kind === 'live' || picture.kind === 'stale' || camera.live_reason === 'masks';
}
