/** A camera's head: who has it in hand, its presets, and each word to it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { PtzState } from '../api/nouns';
import type { components } from '../api/schema';
import { keys } from './keys';

export type PtzWish = Partial<components['schemas']['PtzCommand']> & Pick<components['schemas']['PtzCommand'], 'verb'>;

const lookEachMs = 15_000;

/** Looks while a pad is open: others may take it and let it go. */
export function usePtz(id: string) {
  return useQuery({
    queryKey: keys.ptz(id),
    queryFn: () => take(api.GET('/api/cameras/{camera_id}/ptz', { params: { path: { camera_id: id } } })),
    refetchInterval: lookEachMs,
  });
}

export function sayPtz(id: string, wish: PtzWish): Promise<PtzState> {
  const body = { pan: 0, tilt: 0, zoom: 0, ...wish };
  return take(api.POST('/api/cameras/{camera_id}/ptz', { params: { path: { camera_id: id } }, body }));
}

/** One word that is not a move: home, a preset. What is answered is kept. */
export function useSayPtz(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (wish: PtzWish) => sayPtz(id, wish),
    onSuccess: (state) => keepPtz(cache, id, state),
  });
}

/** The answer to a move names the holder and no presets: those that are known stay. */
export function keepPtz(cache: ReturnType<typeof useQueryClient>, id: string, state: PtzState): void {
  cache.setQueryData<PtzState>(keys.ptz(id), (before) => ({ ...state, presets: state.presets ?? before?.presets ?? null }));
}
