/** One pane of the wall: a camera's picture with its name, or an empty place that takes one. Drawn anew only when its own things change. */
import { memo, useState, type DragEvent } from 'react';
import type { Camera, Severity } from '../api/nouns';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import { SeverityMark } from '../shapes/SeverityMark';
import { dragged, isOurs, startDrag, type Dragged } from './drag';
import styles from './Pane.module.css';
import { PaneFoot } from './PaneFoot';
import { PaneLayers, type PictureKind } from './PaneLayers';

/** What may be done to a pane; the same object for the life of the wall. `null` on a screen: the desk fills it. */
export interface PaneActions {
  choose: (pane: number) => void;
  enlarge: (pane: number) => void;
  change: { takeOut: (pane: number) => void; drop: (pane: number, what: Dragged) => void } | null;
}

interface Props {
  number: number; // from 0
  camera: Camera | null;
  missing: boolean; // a camera was here that is gone, or that this person may not see
  ahead: Camera | null;
  overlaps: boolean;
  chosen: boolean;
  large: boolean; // spans several cells
  big: boolean; // enlarged: it is the only one
  hidden: boolean;
  edge: Severity | null;
  actions: PaneActions;
}

export const Pane = memo(function Pane({ number, camera, missing, ahead, overlaps, chosen, large, big, hidden, edge, actions }: Props) {
  const { t } = useT();
  const [state, setState] = useState<PictureKind>('connecting');
  const [near, setNear] = useState(false);
  const [over, setOver] = useState(false);
  const { change } = actions;

  function drop(event: DragEvent): void {
    setOver(false);
    const what = dragged(event.dataTransfer);
    if (!what || !change) return;
    event.preventDefault();
    change.drop(number, what);
  }

  return (
    <section
      className={styles.pane}
      data-testid={`pane-${number}`}
      data-camera-id={camera?.id ?? ''}
      data-state={camera ? state : 'empty'}
      data-chosen={chosen}
      data-large={large}
      data-big={big}
      data-over={over}
      data-edge={edge ?? undefined}
      hidden={hidden}
      tabIndex={chosen ? 0 : -1}
      aria-label={camera ? t('wall:pane', { number: number + 1, name: camera.name }) : t('wall:paneEmpty', { number: number + 1 })}
      draggable={camera !== null && !big && change !== null}
      onDragStart={(event) => camera && startDrag(event.dataTransfer, { kind: 'pane', pane: number })}
      onDragOver={(event) => {
        if (!change || !isOurs(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'move';
        setOver(true);
      }}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)}
      onDrop={drop}
      onFocus={() => {
        actions.choose(number);
        setNear(true);
      }}
      onBlur={() => setNear(false)}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onDoubleClick={() => camera && actions.enlarge(number)}
    >
      {camera ? (
        <PaneLayers
          camera={camera}
          ahead={ahead}
          overlaps={overlaps}
          active={!hidden}
          focus={big}
          onState={setState}
          foot={(shown, picture, lagMs) => (
            <PaneFoot
              camera={shown}
              state={picture}
              lagMs={lagMs}
              near={near || big}
              big={big}
              onEnlarge={() => actions.enlarge(number)}
              onTakeOut={change && (() => change.takeOut(number))}
            />
          )}
        />
      ) : (
        <Empty missing={missing} fixed={change === null} onTakeOut={() => change?.takeOut(number)} />
      )}
      {edge && (
        <span className={styles.flag}>
          <SeverityMark severity={edge} />
        </span>
      )}
      {over && <span className={styles.target}>{t('wall:dropHere', { number: number + 1 })}</span>}
    </section>
  );
});

function Empty({ missing, fixed, onTakeOut }: { missing: boolean; fixed: boolean; onTakeOut: () => void }) {
  const { t } = useT();
  if (!missing) return <p className={styles.empty}>{fixed ? t('wall:nothingHere') : t('wall:putHere')}</p>;
  return (
    <div className={styles.empty} data-testid="missing">
      <Icon name="lock" size={20} />
      <span>{t('wall:missing')}</span>
      {!fixed && (
        <button type="button" className={styles.emptyButton} onClick={onTakeOut}>
          {t('wall:takeOut')}
        </button>
      )}
    </div>
  );
}
