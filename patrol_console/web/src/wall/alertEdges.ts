/** Which cameras had an alert within the last ten seconds, and how grave: their panes get an edge, nothing more. */
import { useEffect, useState } from 'react';
import type { Severity } from '../api/nouns';
import { onHubEvent } from '../events/follow';

const lastsMs = 10_000;

export function useAlertEdges(): ReadonlyMap<string, Severity> {
  const [edges, setEdges] = useState<ReadonlyMap<string, Severity>>(new Map());
  useEffect(() => {
    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    const stop = onHubEvent((event) => {
      const { camera_id: cameraId, severity } = event;
      if (event.noun !== 'alert' || event.change !== 'created' || !cameraId || !severity) return;
      setEdges((before) => new Map(before).set(cameraId, severity));
      clearTimeout(timers.get(cameraId));
      timers.set(
        cameraId,
        setTimeout(() => {
          setEdges((before) => {
            const after = new Map(before);
            after.delete(cameraId);
            return after;
          });
        }, lastsMs),
      );
    });
    return () => {
      stop();
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, []);
  return edges;
}
