/**
 * An event only says which noun to read again. Many in a row become one reading: alerts within 150 ms, so that an
 * acknowledgement is seen elsewhere well within the second; cameras and areas within a second.
 */
import type { QueryClient } from '@tanstack/react-query';
import { keys } from '../queries/keys';
import { onLineWord } from './follow';
import type { HubEvent } from './line';

const alertsWithinMs = 150;
const camerasWithinMs = 1000;

export function refreshByEvents(cache: QueryClient): () => void {
  const alerts = new Gathered(alertsWithinMs, () => void cache.invalidateQueries({ queryKey: keys.alerts }));
  const cameras = new Gathered(camerasWithinMs, () => {
    void cache.invalidateQueries({ queryKey: keys.cameras });
    void cache.invalidateQueries({ queryKey: keys.areas });
  });

  function take(event: HubEvent): void {
    switch (event.noun) {
      case 'alert':
        void cache.invalidateQueries({ queryKey: keys.alert(event.id) });
        alerts.ask();
        break;
      case 'camera':
        void cache.invalidateQueries({ queryKey: keys.camera(event.id) });
        cameras.ask();
        break;
      case 'area':
        cameras.ask();
        break;
      case 'session':
        void cache.invalidateQueries({ queryKey: keys.session });
        break;
    }
  }

  return onLineWord((word) => {
    if (word.kind === 'change') take(word.event);
    else if (word.kind === 'signed-out') void cache.invalidateQueries({ queryKey: keys.session });
    else if (word.kind === 'missed') {
      for (const noun of ['alert', 'camera', 'area', 'session']) void cache.invalidateQueries({ queryKey: [noun] });
    }
  });
}

/** The first asks, the rest within the span ride along. */
class Gathered {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ms: number,
    private readonly act: () => void,
  ) {}

  ask(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.act();
    }, this.ms);
  }
}
