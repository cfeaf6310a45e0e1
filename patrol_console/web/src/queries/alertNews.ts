/**
 * What an event itself says of an alert is put into the cache at once: its state, and that it left a group. The
 * reading that follows brings the rest (who, when, the counts).
 */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Alert, AlertDetail, AlertGroup } from '../api/nouns';
import type { components } from '../api/schema';
import { keys } from './keys';

type State = Alert['state'];
type Page = components['schemas']['AlertList'];

export function takeAlertNews(cache: QueryClient, id: string, state: State): void {
  cache.setQueryData<AlertDetail>(keys.alert(id), (known) => (known && known.state !== state ? { ...known, state, verbs: [] } : known));
  for (const query of cache.getQueryCache().findAll({ queryKey: keys.alerts })) {
    const group = query.queryKey[keys.alerts.length];
    if (group === 'counts') continue;
    cache.setQueryData<InfiniteData<Page>>(query.queryKey, (known) => known && withNews(known, id, state, group as AlertGroup));
  }
}

function withNews(known: InfiniteData<Page>, id: string, state: State, group: AlertGroup): InfiniteData<Page> {
  if (!known.pages.some((page) => page.items.some((alert) => alert.id === id && alert.state !== state))) return known;
  const stays = groupOf(state) === group;
  return {
    ...known,
    pages: known.pages.map((page) => ({
      ...page,
      items: stays ? page.items.map((alert) => (alert.id === id ? { ...alert, state } : alert)) : page.items.filter((alert) => alert.id !== id),
    })),
  };
}

/** As `patrol_console/alert/state.py` has it. */
export function groupOf(state: State): AlertGroup {
  if (state === 'raised') return 'waiting';
  return state === 'closed' || state === 'dismissed' ? 'done' : 'handling';
}
