/**
 * The pictures of one pane, one upon the other: the one that is shown, the one that is to come, and the one that a
 * tour gets ready. The old picture stays until the new one has its first frame (or has said why it has none), so that
 * no pane flashes black; a picture that comes lies above, all but invisible, for a browser presents no covered frames.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { LiveView } from '../live/LiveView';
import type { PlayerState } from '../player/state';
import styles from './Pane.module.css';

export type PictureKind = PlayerState['kind'];

const patienceMs = 3000; // then the new one is shown as it is: connecting

interface Props {
  camera: Camera;
  ahead: Camera | null;
  overlaps: boolean; // false: too many windows for two players a pane
  active: boolean;
  focus: boolean; // the one picture that somebody looks at
  onState: (kind: PictureKind) => void;
  foot: (camera: Camera, state: PlayerState, lagMs: () => number) => ReactNode;
}

export function PaneLayers({ camera, ahead, overlaps, active, focus, onState, foot }: Props) {
  const { t } = useT();
  const [held, hold] = useState(camera);
  const kinds = useRef(new Map<string, PictureKind>());
  const waits = overlaps && active && held.id !== camera.id;
  const top = waits ? held : camera;
  const layers = unique([top, camera, ...(ahead && overlaps && active ? [ahead] : [])]);

  const told = useCallback(
    (id: string, kind: PictureKind | null) => {
      if (kind === null) {
        kinds.current.delete(id);
        return;
      }
      kinds.current.set(id, kind);
      if (id !== camera.id) return;
      onState(kind);
      if (kind !== 'connecting') hold(camera);
    },
    [camera, onState],
  );
  useLayoutEffect(() => {
    const kind = kinds.current.get(camera.id) ?? 'connecting';
    onState(kind);
    if (kind !== 'connecting' || !waits) hold(camera); // a tour had it ready
  }, [camera, waits, onState]);
  useEffect(() => {
    if (!waits) return;
    const timer = setTimeout(() => hold(camera), patienceMs);
    return () => clearTimeout(timer);
  }, [waits, camera]);

  return (
    <>
      {layers.map((layer) => (
        <Layer key={layer.id} camera={layer} top={layer.id === top.id} active={active} focus={focus && layer.id === camera.id} onState={told} foot={foot} />
      ))}
      {waits && <span className={styles.coming}>{t('wall:coming', { name: camera.name })}</span>}
    </>
  );
}

interface LayerProps {
  camera: Camera;
  top: boolean;
  active: boolean;
  focus: boolean;
  onState: (id: string, kind: PictureKind | null) => void;
  foot: Props['foot'];
}

function Layer({ camera, top, active, focus, onState, foot }: LayerProps) {
  const { id } = camera;
  const say = useCallback((kind: PictureKind) => onState(id, kind), [id, onState]);
  const latest = useRef(onState);
  useEffect(() => {
    latest.current = onState;
  });
  useEffect(() => () => latest.current(id, null), [id]);
  return (
    <div className={styles.layer} data-top={top} aria-hidden={!top}>
      <LiveView camera={camera} purpose="wall" active={active} focus={focus} onState={say}>
        {(state, lagMs) => (top ? foot(camera, state, lagMs) : null)}
      </LiveView>
    </div>
  );
}

function unique(cameras: readonly Camera[]): Camera[] {
  return [...new Map(cameras.map((camera) => [camera.id, camera])).values()];
}
