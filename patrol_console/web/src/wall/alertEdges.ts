/** The alerts of the last ten seconds, one a camera: its pane gets an edge and a word, nothing more. */
import { useEffect, useMemo, useState } from 'react';
import type { Severity } from '../api/nouns';
import { onHubEvent } from '../events/follow';

const lastsMs = 10_000;

export interface FreshAlert {
  id: string;
  cameraId: string;
  severity: Severity;
}

export interface Fresh {
  edges: ReadonlyMap<string, Severity>; // by camera
  newestFirst: readonly FreshAlert[];
}

export function useFreshAlerts(): Fresh {
  const [newestFirst, setAlerts] = useState<readonly FreshAlert[]>([]);
  useEffect(() => {
    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    const stop = onHubEvent((event) => {
      const { id, camera_id: cameraId, severity } = event;
      if (event.noun !== 'alert' || event.change !== 'created' || !cameraId || !severity) return;
      setAlerts((before) => [{ id, cameraId, severity }, ...before.filter((each) => each.cameraId !== cameraId)]);
      clearTimeout(timers.get(cameraId));
      timers.set(
        cameraId,
        setTimeout(() => {
          timers.delete(cameraId);
          setAlerts((before) => before.filter((each) => each.cameraId !== cameraId));
        }, lastsMs),
      );
    });
    return () => {
      stop();
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, []);
  const edges = useMemo(() => new Map(newestFirst.map(({ cameraId, severity }) => [cameraId, severity])), [newestFirst]);
  return { edges, newestFirst };
}
