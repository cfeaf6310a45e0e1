/** The wall's own nouns: layouts that this person saved, screens that this person has open. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { Arrangement, WallLayout, WallScreen } from '../api/nouns';
import { keys } from './keys';

const heartbeatMs = 10_000; // the server takes a screen for gone after thirty seconds
const listMs = 10_000; // one that fell silent tells nobody

export function useLayouts() {
  return useQuery({ queryKey: keys.layouts, queryFn: () => take(api.GET('/api/wall/layouts')), select: (answer) => answer.items });
}

export interface LayoutDraft {
  name: string;
  arrangement: Arrangement;
  is_default: boolean;
}

export function useSaveLayout() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: LayoutDraft) => take(api.POST('/api/wall/layouts', { body })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.layouts }),
  });
}

export function useChangeLayout() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string } & Partial<LayoutDraft>) =>
      take(api.PATCH('/api/wall/layouts/{layout_id}', { params: { path: { layout_id: id } }, body })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.layouts }),
  });
}

export function useRemoveLayout() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: WallLayout) => take(api.DELETE('/api/wall/layouts/{layout_id}', { params: { path: { layout_id: id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.layouts }),
  });
}

/** The screens that are open now; asked for only while somebody looks at the list. */
export function useScreens(enabled: boolean) {
  return useQuery({
    queryKey: keys.screens,
    queryFn: () => take(api.GET('/api/wall/screens')),
    select: (answer) => answer.items,
    enabled,
    refetchInterval: listMs,
    staleTime: 0,
  });
}

/** This window is the screen of that name: says so every ten seconds and gets what it is to show, at once when told. */
export function useThisScreen(name: string, enabled: boolean) {
  return useQuery({
    queryKey: keys.screen(name),
    queryFn: () => take(api.POST('/api/wall/screens', { body: { name } })),
    enabled: enabled && name !== '',
    refetchInterval: heartbeatMs,
    refetchIntervalInBackground: true,
    staleTime: 0,
    gcTime: Infinity,
  });
}

export function useFillScreen() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, arrangement }: { name: string; arrangement: Arrangement }) =>
      take(api.PUT('/api/wall/screens/{screen_name}', { params: { path: { screen_name: name } }, body: { arrangement } })),
    onSuccess: (screen) => {
      cache.setQueryData<{ items: WallScreen[] }>(keys.screens, (all) => all && { ...all, items: all.items.map((each) => (each.name === screen.name ? screen : each)) });
    },
    onError: () => void cache.invalidateQueries({ queryKey: keys.screens }),
  });
}

export function useIdentifyScreen() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => take(api.POST('/api/wall/screens/{screen_name}/identify', { params: { path: { screen_name: name } } })),
    onError: () => void cache.invalidateQueries({ queryKey: keys.screens }),
  });
}

/** The window goes: sent also while the page is torn down, and what becomes of it is nobody's concern. */
export function leaveScreen(name: string): void {
  api
    .DELETE('/api/wall/screens/{screen_name}', { params: { path: { screen_name: name } }, keepalive: true })
    .catch(() => {});
}
