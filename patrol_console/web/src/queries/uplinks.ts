/** The lines that many cameras share (上行线路), and what may be done to them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { components } from '../api/schema';
import { keys } from './keys';

type New = components['schemas']['UplinkCreate'];
type Change = components['schemas']['UplinkChange'];

export function useUplinks(wanted: boolean) {
  return useQuery({ queryKey: keys.uplinks, queryFn: () => take(api.GET('/api/uplinks')), enabled: wanted, refetchInterval: 10_000 });
}

export function useSaveUplink(id: string | null) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: New) => {
      const change: Change = { name: body.name, mbit_s: body.mbit_s, connections: body.connections };
      return id === null
        ? take(api.POST('/api/uplinks', { body }))
        : take(api.PATCH('/api/uplinks/{uplink_id}', { params: { path: { uplink_id: id } }, body: change }));
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.uplinks }),
  });
}

export function useRemoveUplink() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/uplinks/{uplink_id}', { params: { path: { uplink_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.uplinks }),
  });
}
