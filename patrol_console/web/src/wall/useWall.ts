/**
 * The wall's own state, all of it in the address (`area`, `layout`, `page`, `panes`, `big`), so that it can be sent to
 * a colleague and the back button works; what was last chosen is remembered in this browser for the next visit.
 */
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { Camera } from '../api/nouns';
import { recall, remember } from '../app/memory';
import { useAreas, idsWithin } from '../queries/areas';
import { useCameras } from '../queries/cameras';
import { fill, isLayout, pagesOf, readSlots, resize, writeSlots, type Layout, type Slots } from './arrangement';

type Wish = Partial<Record<'area' | 'layout' | 'page' | 'panes' | 'big', string | null>>;

const key = 'wall';

export function useWall() {
  const [params, setParams] = useSearchParams();
  const given = useMemo(() => (params.size > 0 ? params : new URLSearchParams(recall(key) ?? '')), [params]);
  const cameras = useCameras();
  const areas = useAreas();

  const area = areas.data?.some(({ id }) => id === given.get('area')) ? given.get('area') : null;
  const inArea = useMemo(() => {
    const all = cameras.data ?? [];
    if (!area || !areas.data) return all;
    const within = idsWithin(areas.data, area);
    return all.filter((camera) => within.has(camera.area_id));
  }, [cameras.data, areas.data, area]);

  const wished = Number(given.get('layout'));
  const layout: Layout = isLayout(wished) ? wished : 9;
  const pages = pagesOf(inArea.length, layout);
  const page = Math.min(pages - 1, Math.max(0, Number(given.get('page')) || 0));
  const own = given.get('panes');
  const slots: Slots = own === null ? fill(inArea.map(({ id }) => id), layout, page) : readSlots(own, layout);
  const big = params.get('big') === null ? null : Number(params.get('big'));

  const change = useCallback(
    (wish: Wish, replace = true) => {
      const next = new URLSearchParams(given);
      next.delete('big');
      for (const [name, value] of Object.entries(wish)) {
        if (value === null || value === undefined) next.delete(name);
        else next.set(name, value);
      }
      if (!wish.big) remember(key, next.toString());
      setParams(next, { replace });
    },
    [given, setParams],
  );

  return {
    cameras,
    areas,
    byId: useMemo(() => new Map((cameras.data ?? []).map((camera): [string, Camera] => [camera.id, camera])), [cameras.data]),
    inArea,
    area,
    layout,
    page,
    pages,
    slots,
    isOwn: own !== null,
    big: big !== null && big >= 0 && big < layout ? big : null,
    chooseArea: (id: string | null) => change({ area: id, page: null, panes: null }),
    chooseLayout: (next: Layout) => change({ layout: String(next), page: null, panes: own === null ? null : writeSlots(resize(slots, next)) }),
    choosePage: (next: number) => change({ page: String(next), panes: null }),
    arrange: (next: Slots) => change({ panes: writeSlots(next), layout: String(layout) }),
    reset: () => change({ panes: null, page: null }),
    enlarge: (pane: number) => change({ big: String(pane), layout: String(layout) }, false),
    shrink: () => change({ layout: String(layout) }),
  };
}

export type Wall = ReturnType<typeof useWall>;
