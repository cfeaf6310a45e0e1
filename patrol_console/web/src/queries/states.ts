/** In which states a camera was, the last 24 hours; read again when the camera's state changes, and each few minutes. */
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

export function useStates(id: string) {
  return useQuery({
    queryKey: keys.states(id),
    queryFn: () => take(api.GET('/api/cameras/{camera_id}/states', { params: { path: { camera_id: id } } })),
    refetchInterval: 300_000,
  });
}
