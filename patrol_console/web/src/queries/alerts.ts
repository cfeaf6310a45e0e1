/** Alerts: a group of the queue, the counts of all groups, one alert, and the two things that may be done to it. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { AlertDetail, AlertGroup, Severity } from '../api/nouns';
import { keys } from './keys';

const pageSize = 50;

export function useAlertGroup(group: AlertGroup, severity: Severity | null) {
  return useInfiniteQuery({
    queryKey: [...keys.alerts, group, severity],
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/alerts', {
          params: { query: { group, severity: severity ?? undefined, cursor: pageParam ?? undefined, limit: pageSize } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
}

/** How many wait, are in hand and are done, by severity: what the top bar and the tabs show. */
export function useAlertCounts() {
  return useQuery({
    queryKey: [...keys.alerts, 'counts'],
    queryFn: () => take(api.GET('/api/alerts', { params: { query: { group: 'waiting', limit: 1 } } })),
    select: (answer) => answer.counts,
  });
}

export function useAlert(id: string | null) {
  return useQuery({
    queryKey: keys.alert(id ?? ''),
    queryFn: () => take(api.GET('/api/alerts/{alert_id}', { params: { path: { alert_id: id ?? '' } } })),
    enabled: id !== null,
  });
}

export function useAcknowledge() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      take(api.POST('/api/alerts/{alert_id}/acknowledge', { params: { path: { alert_id: id } }, body: {} })),
    onSuccess: (alert) => keep(cache, alert),
    onError: (_, id) => void cache.invalidateQueries({ queryKey: keys.alert(id) }),
  });
}

export function useDismiss() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) =>
      take(api.POST('/api/alerts/{alert_id}/dismiss', { params: { path: { alert_id: id } }, body: { reason } })),
    onSuccess: (alert) => keep(cache, alert),
    onError: (_, { id }) => void cache.invalidateQueries({ queryKey: keys.alert(id) }),
  });
}

function keep(cache: QueryClient, alert: AlertDetail): void {
  cache.setQueryData(keys.alert(alert.id), alert);
  void cache.invalidateQueries({ queryKey: keys.alerts });
}
