/** What a partner unit may pull by RTSP (单位共享), its login, and what may be done to both. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

export function usePartner(unitId: string | null) {
  return useQuery({
    queryKey: keys.partner(unitId ?? ''),
    queryFn: () => take(api.GET('/api/units/{unit_id}/access', { params: { path: { unit_id: unitId ?? '' } } })),
    enabled: unitId !== null,
  });
}

export function useGiveAccess(unitId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.POST('/api/units/{unit_id}/access', { params: { path: { unit_id: unitId } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.partner(unitId) }),
  });
}

export function useWithdrawAccess(unitId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.DELETE('/api/units/{unit_id}/access', { params: { path: { unit_id: unitId } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.partner(unitId) }),
  });
}

export function useShareCameras(unitId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (cameraIds: string[]) =>
      take(api.PUT('/api/units/{unit_id}/cameras', { params: { path: { unit_id: unitId } }, body: { camera_ids: cameraIds } })),
    onSuccess: (partner) => cache.setQueryData(keys.partner(unitId), partner),
  });
}
