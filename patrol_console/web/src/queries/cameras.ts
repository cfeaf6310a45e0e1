/** Cameras: all that this person may see (one list, filtered in the page), one of them, and what may be done to it. */
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { Camera, Polygon } from '../api/nouns';
import type { components } from '../api/schema';
import { keys } from './keys';

export type CameraNew = components['schemas']['CameraCreate'];
export type CameraChange = components['schemas']['CameraChange'];
export type BulkChange = Partial<components['schemas']['BulkChange']>;
export interface BulkWish {
  ids: string[];
  change: BulkChange;
}
export type RuleDraft = components['schemas']['IntrusionRule'];
export type ZoneDraft = components['schemas']['ZoneDraft'];

const pageSize = 200;
const mostPages = 50;

export function useCameras() {
  return useQuery({ queryKey: keys.cameras, queryFn: allCameras });
}

export function useCamera(id: string) {
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.camera(id),
    queryFn: () => takeCamera(api.GET('/api/cameras/{camera_id}', { params: { path: { camera_id: id } } })),
    placeholderData: () => cache.getQueryData<Camera[]>(keys.cameras)?.find((camera) => camera.id === id),
  });
}

export function useAddCamera() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: addCamera,
    onSuccess: (camera) => keep(cache, camera),
  });
}

/** For a run of many: whoever makes it reads the list again once, at its end. */
export function addCamera(body: CameraNew): Promise<Camera> {
  return takeCamera(api.POST('/api/cameras', { body }));
}

export function useChangeCamera(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: CameraChange) =>
      takeCamera(api.PATCH('/api/cameras/{camera_id}', { params: { path: { camera_id: id } }, body })),
    onSuccess: (camera) => keep(cache, camera),
  });
}

export function useRemoveCamera() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/cameras/{camera_id}', { params: { path: { camera_id: id } } })),
    onSuccess: (_, id) => {
      cache.setQueryData<Camera[]>(keys.cameras, (all) => all?.filter((camera) => camera.id !== id));
      void cache.invalidateQueries({ queryKey: keys.areas });
    },
  });
}

export function useSaveZones(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (zones: ZoneDraft[]) =>
      takeCamera(api.PUT('/api/cameras/{camera_id}/zones', { params: { path: { camera_id: id } }, body: { zones } })),
    onSuccess: (camera) => keep(cache, camera),
  });
}

export function useSaveMasks(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (masks: [number, number][][]) =>
      takeCamera(api.PUT('/api/cameras/{camera_id}/masks', { params: { path: { camera_id: id } }, body: { masks } })),
    onSuccess: (camera) => keep(cache, camera),
  });
}

export function useSaveRules(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (rules: RuleDraft[]) =>
      takeCamera(api.PUT('/api/cameras/{camera_id}/rules', { params: { path: { camera_id: id } }, body: { rules } })),
    onSuccess: (camera) => keep(cache, camera),
  });
}

/** Read it anew over ONVIF, or with a token pull another of its streams. */
export function useReadCamera(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (profileToken: string | null) =>
      takeCamera(api.POST('/api/cameras/{camera_id}/describe', { params: { path: { camera_id: id } }, body: { profile_token: profileToken } })),
    onSuccess: (camera) => keep(cache, camera),
  });
}

export function useChangeMany() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, change }: BulkWish) => take(api.POST('/api/cameras/bulk', { body: { ids, change: { add_tags: [], remove_tags: [], ...change } } })),
    onSuccess: () => Promise.all([keys.cameras, keys.areas].map((queryKey) => cache.invalidateQueries({ queryKey }))),
  });
}

export function useTestCamera(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.POST('/api/cameras/{camera_id}/test', { params: { path: { camera_id: id } } })),
    onSuccess: () => void cache.invalidateQueries({ queryKey: keys.record(id) }),
  });
}

export function useViewings(id: string) {
  return useQuery({
    queryKey: keys.viewings(id),
    queryFn: () => take(api.GET('/api/cameras/{camera_id}/viewings', { params: { path: { camera_id: id } } })),
    select: (answer) => answer.items,
  });
}

/** Corners as the API wants them. */
export function corners(polygon: Polygon): [number, number][] {
  return polygon.map(([x, y]) => [x, y]);
}

async function allCameras(): Promise<Camera[]> {
  const all: Camera[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await take(api.GET('/api/cameras', { params: { query: { limit: pageSize, cursor } } }));
    all.push(...(answer.items as Camera[]));
    if (!answer.next) break;
    cursor = answer.next;
  }
  return all;
}

/** openapi-fetch forgets that a corner is a pair; the noun remembers. */
async function takeCamera(call: Parameters<typeof take<unknown>>[0]): Promise<Camera> {
  return (await take(call)) as Camera;
}

function keep(cache: QueryClient, camera: Camera): void {
  cache.setQueryData(keys.camera(camera.id), camera);
  cache.setQueryData<Camera[]>(keys.cameras, (all) => all?.map((each) => (each.id === camera.id ? camera : each)));
  void cache.invalidateQueries({ queryKey: keys.cameras });
  void cache.invalidateQueries({ queryKey: keys.areas });
}
