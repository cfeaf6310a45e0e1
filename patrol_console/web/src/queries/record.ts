/** A camera's record (一机一档), and a note written into it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

export function useRecord(id: string) {
  return useQuery({
    queryKey: keys.record(id),
    queryFn: () => take(api.GET('/api/cameras/{camera_id}/record', { params: { path: { camera_id: id } } })),
  });
}

export function useNoteRepair(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (note: string) => take(api.POST('/api/cameras/{camera_id}/repairs', { params: { path: { camera_id: id } }, body: { note } })),
    onSuccess: () => void cache.invalidateQueries({ queryKey: keys.record(id) }),
  });
}
