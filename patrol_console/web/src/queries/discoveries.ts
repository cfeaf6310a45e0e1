/** Searches for devices on the gateway's network: begun, read again while they go on, ended. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

const everyMs = 1000;

/** One's own of the last hour, the newest first: a page that was left finds its search again. */
export function useDiscoveries(wanted: boolean) {
  return useQuery({ queryKey: keys.discoveries, queryFn: () => take(api.GET('/api/discoveries')), select: (answer) => answer.items, enabled: wanted });
}

export function useDiscovery(id: string | null) {
  return useQuery({
    queryKey: keys.discovery(id ?? ''),
    enabled: id !== null,
    queryFn: () => take(api.GET('/api/discoveries/{discovery_id}', { params: { path: { discovery_id: id ?? '' } } })),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? everyMs : false),
  });
}

export function useStartDiscovery() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (range: string | null) => take(api.POST('/api/discoveries', { body: { range } })),
    onSuccess: (search) => {
      cache.setQueryData(keys.discovery(search.id), search);
      void cache.invalidateQueries({ queryKey: keys.discoveries });
    },
  });
}

export function useEndDiscovery() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/discoveries/{discovery_id}', { params: { path: { discovery_id: id } } })),
    onSuccess: (_, id) => cache.invalidateQueries({ queryKey: keys.discovery(id) }),
  });
}
