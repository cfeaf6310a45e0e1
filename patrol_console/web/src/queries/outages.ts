/** One outage (断线事件) with its cameras as they are now. */
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

export function useOutage(id: string | null) {
  return useQuery({
    queryKey: keys.outage(id ?? ''),
    queryFn: () => take(api.GET('/api/outages/{outage_id}', { params: { path: { outage_id: id ?? '' } } })),
    enabled: id !== null,
  });
}
