/** An event's own word on an alert, in the cache before anything is read. */
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import type { Alert } from '../api/nouns';
import { takeAlertNews } from './alertNews';
import { keys } from './keys';

const alert = (id: string, state: Alert['state']) => ({ id, state }) as Alert;

function cacheWith(group: string, items: Alert[]): [QueryClient, () => Alert[]] {
  const cache = new QueryClient();
  const key = [...keys.alerts, group, null];
  cache.setQueryData(key, { pages: [{ items, next: null, counts: {} }], pageParams: [null] });
  return [cache, () => cache.getQueryData<{ pages: { items: Alert[] }[] }>(key)?.pages.flatMap((page) => page.items) ?? []];
}

test('an acknowledged alert leaves those that wait, the others stay', () => {
  const [cache, shown] = cacheWith('waiting', [alert('a', 'raised'), alert('b', 'raised')]);
  takeAlertNews(cache, 'a', 'acknowledged');
  expect(shown().map((each) => each.id)).toEqual(['b']);
});

test('within its group an alert shows its new state', () => {
  const [cache, shown] = cacheWith('handling', [alert('a', 'acknowledged')]);
  takeAlertNews(cache, 'a', 'dispatched');
  expect(shown()).toEqual([alert('a', 'dispatched')]);
});

test('an open alert shows its new state and offers no verb of the old one', () => {
  const cache = new QueryClient();
  cache.setQueryData(keys.alert('a'), { ...alert('a', 'raised'), verbs: ['acknowledge'] });
  takeAlertNews(cache, 'a', 'acknowledged');
  expect(cache.getQueryData(keys.alert('a'))).toEqual({ ...alert('a', 'acknowledged'), verbs: [] });
});
