/** Holds a run of `registering` for a page: its outcomes so far, and the way to stop it. Leaving the page stops it. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CameraKind } from '../api/nouns';
import { addCamera } from '../queries/cameras';
import { keys } from '../queries/keys';
import { registerAll, type Candidate, type Registered } from './registering';

const asUsual = { enabled: true, simulated: false, audio: false, transport: 'tcp', importance: 'yellow', watch: { mode: 'continuous', every_min: 10 }, tags: [] as string[] } as const;

export interface Login {
  area_id: string;
  username: string | null;
  password: string | null;
  kind: CameraKind;
}

export interface RegisteringRun {
  outcomes: ReadonlyMap<string, Registered>;
  running: boolean;
  start: (devices: readonly Candidate[], login: Login) => void;
  stop: () => void;
}

export function useRegistering(): RegisteringRun {
  const cache = useQueryClient();
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Registered>>(new Map());
  const [running, setRunning] = useState(false);
  const stopped = useRef(false);

  const stop = useCallback(() => {
    stopped.current = true;
  }, []);
  useEffect(() => stop, [stop]);

  const start = useCallback(
    (devices: readonly Candidate[], login: Login) => {
      stopped.current = false;
      setRunning(true);
      void registerAll(devices, {
        post: ({ address, name }, channel) => addCamera({ ...asUsual, ...login, name: name.slice(0, 64), address, channel }),
        tell: (address, outcome) => setOutcomes((all) => new Map(all).set(address, outcome)),
        wait: (ms) => new Promise((done) => setTimeout(done, ms)),
        stopped: () => stopped.current,
      }).finally(() => {
        setRunning(false);
        setOutcomes((all) => new Map([...all].filter(([, { state }]) => state === 'done' || state === 'failed')));
        for (const queryKey of [keys.cameras, keys.areas, ['discovery']]) void cache.invalidateQueries({ queryKey });
      });
    },
    [cache],
  );
  return { outcomes, running, start, stop };
}
