/** Sweeps (自动预检): begun, followed by events, stopped. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

const askMs = 5000; // beside the events, which tell of each second

export function useSweep(id: string | null) {
  return useQuery({
    queryKey: keys.sweep(id ?? ''),
    queryFn: () => take(api.GET('/api/sweeps/{sweep_id}', { params: { path: { sweep_id: id ?? '' } } })),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data?.state === 'running' ? askMs : false),
  });
}

export function useBeginSweep() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (camera_ids: string[]) => take(api.POST('/api/sweeps', { body: { camera_ids } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['sweep'] }),
  });
}

export function useStopSweep(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.POST('/api/sweeps/{sweep_id}/stop', { params: { path: { sweep_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.sweep(id) }),
  });
}
