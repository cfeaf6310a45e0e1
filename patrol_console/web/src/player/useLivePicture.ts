/** A player on a video element for as long as a component wants one; the element and the state come back. */
import { useEffect, useRef, useState, useSyncExternalStore, type RefObject } from 'react';
import { liveTicket, type Purpose } from '../queries/tickets';
import type { Way } from './line';
import { Player } from './player';
import type { PlayerState } from './state';

export interface LivePicture {
  video: RefObject<HTMLVideoElement | null>;
  state: PlayerState;
  lagMs: () => number;
}

export interface LiveWish {
  cameraId: string;
  purpose: Purpose;
  reference: string | null;
  active: boolean;
  way: Way;
  sound: boolean;
  /** Anything whose change is a reason to try again at once (the camera's state and revision). */
  changed: string;
}

const waiting: PlayerState = { kind: 'connecting', since: 0 };
const nothing = () => () => {};

export function useLivePicture({ cameraId, purpose, reference, active, way, sound, changed }: LiveWish): LivePicture {
  const video = useRef<HTMLVideoElement | null>(null);
  const [player, setPlayer] = useState<Player | null>(null);
  const wish = useRef({ way, sound });
  wish.current = { way, sound };
  useEffect(() => {
    if (!active || !video.current) return;
    const made = new Player(video.current, (withSound) => liveTicket(cameraId, purpose, reference, withSound), wish.current);
    setPlayer(made);
    made.start();
    return () => {
      made.stop();
      setPlayer(null);
    };
  }, [cameraId, purpose, reference, active]);
  useEffect(() => player?.prefer({ way, sound }), [player, way, sound]);
  useEffect(() => player?.nudge(), [player, changed]);
  const state = useSyncExternalStore(player?.subscribe ?? nothing, player?.getState ?? (() => waiting));
  return { video, state, lagMs: () => player?.lagMs() ?? 0 };
}
