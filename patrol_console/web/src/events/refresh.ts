/**
 * An event says which noun to read again; of an alert it also says the state, which is shown before anything is read,
 * so that what one person does is seen by the others well within the second. Reading begins at once; see `Gathered`.
 */
import type { QueryClient } from '@tanstack/react-query';
import { takeAlertNews } from '../queries/alertNews';
import { keys } from '../queries/keys';
import { onLineWord } from './follow';
import { Gathered } from './gathered';
import type { HubEvent } from './line';

const alertsRestMs = 150;
const camerasRestMs = 1000;

export function refreshByEvents(cache: QueryClient): () => void {
  const alerts = new Gathered(alertsRestMs, () => cache.invalidateQueries({ queryKey: keys.alerts }));
  const cameras = new Gathered(camerasRestMs, () =>
    Promise.all([keys.cameras, keys.areas, keys.uplinks, ['outage']].map((queryKey) => cache.invalidateQueries({ queryKey }))),
  );

  function take(event: HubEvent): void {
    switch (event.noun) {
      case 'alert':
        if (event.state && event.change === 'updated') takeAlertNews(cache, event.id, event.state);
        void cache.invalidateQueries({ queryKey: keys.alert(event.id) });
        alerts.ask();
        break;
      case 'camera':
        void cache.invalidateQueries({ queryKey: keys.camera(event.id) });
        void cache.invalidateQueries({ queryKey: keys.states(event.id) });
        void cache.invalidateQueries({ queryKey: keys.record(event.id) });
        cameras.ask();
        break;
      case 'camera_event':
        void cache.invalidateQueries({ queryKey: keys.record(event.id) });
        break;
      case 'outage':
        void cache.invalidateQueries({ queryKey: ['outage'] });
        alerts.ask();
        break;
      case 'uplink':
        void cache.invalidateQueries({ queryKey: keys.uplinks });
        cameras.ask();
        break;
      case 'sweep':
        void cache.invalidateQueries({ queryKey: event.id === '*' ? ['sweep'] : keys.sweep(event.id) });
        break;
      case 'area':
        cameras.ask();
        break;
      case 'layout':
        void cache.invalidateQueries({ queryKey: keys.layouts });
        break;
      case 'screen':
        void cache.invalidateQueries({ queryKey: keys.screens });
        void cache.invalidateQueries({ queryKey: event.id === '*' ? ['screen', 'one'] : keys.screen(event.id) });
        break;
      case 'discovery':
        void cache.invalidateQueries({ queryKey: ['discovery'] });
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
      for (const noun of ['alert', 'camera', 'area', 'outage', 'uplink', 'sweep', 'session', 'layout', 'screen']) void cache.invalidateQueries({ queryKey: [noun] });
    }
  });
}
