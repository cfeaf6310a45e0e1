/**
 * What a wall or a screen shows, from what is wanted of it: the list of cameras, its groups, the group's panes.
 * A tour's list stands still for a round: a camera that goes down in the midst of it must not push all others along.
 */
import { useMemo, useRef } from 'react';
import type { Arrangement, Camera } from '../api/nouns';
import { idsWithin, useAreas } from '../queries/areas';
import { useCameras } from '../queries/cameras';
import { fill, groupsOf, isLayout, type Layout, type Slots } from './arrangement';
import { following, roundOf } from './tour';

export interface Wanted {
  area: string | null;
  layout: Layout;
  own: Slots | null; // null: the area's cameras
  page: number;
  dwellS: number | null; // null: no tour
  skipOffline: boolean;
}

export function useShowing(wanted: Wanted, round: number) {
  const { layout, own, dwellS, skipOffline } = wanted;
  const cameras = useCameras();
  const areas = useAreas();
  const area = areas.data?.some(({ id }) => id === wanted.area) ? wanted.area : null;
  const inArea = useMemo(() => {
    const all = cameras.data ?? [];
    if (!area || !areas.data) return all;
    const within = idsWithin(areas.data, area);
    return all.filter((camera) => within.has(camera.area_id));
  }, [cameras.data, areas.data, area]);
  const byId = useMemo(() => new Map((cameras.data ?? []).map((camera): [string, Camera] => [camera.id, camera])), [cameras.data]);
  const source: Slots = useMemo(() => own ?? inArea.map(({ id }) => id), [own, inArea]);

  const touring = dwellS !== null && own === null;
  const list = useRoundList(touring && byId.size > 0 ? `${area} ${skipOffline} ${round}` : null, source, byId, skipOffline);
  const groups = groupsOf(list.length, layout);
  const page = Math.min(groups - 1, Math.max(0, wanted.page));
  const slots = useMemo(() => fill(list, layout, page), [list, layout, page]);
  const next = following(page, list, layout, byId, skipOffline);
  return { cameras, areas, byId, inArea, area, list, groups, page, next, slots };
}

export type Showing = ReturnType<typeof useShowing>;

function useRoundList(key: string | null, source: Slots, byId: ReadonlyMap<string, Camera>, skipOffline: boolean): Slots {
  const kept = useRef<{ key: string; list: Slots } | null>(null);
  if (key === null) {
    kept.current = null;
    return source;
  }
  if (kept.current?.key !== key) kept.current = { key, list: roundOf(source, byId, skipOffline) };
  return kept.current.list;
}

export function wantedOf(arrangement: Arrangement): Wanted {
  return {
    area: arrangement.area_id ?? null,
    layout: isLayout(arrangement.layout) ? arrangement.layout : 9,
    own: arrangement.panes ?? null,
    page: arrangement.group ?? 0,
    dwellS: arrangement.tour?.dwell_s ?? null,
    skipOffline: arrangement.tour?.skip_offline ?? true,
  };
}

export function arrangementOf(wanted: Wanted): Arrangement {
  return {
    layout: wanted.layout,
    area_id: wanted.own ? null : wanted.area,
    panes: wanted.own ? [...wanted.own] : null,
    group: wanted.page,
    tour: wanted.dwellS === null ? null : { dwell_s: wanted.dwellS, skip_offline: wanted.skipOffline },
  };
}

/** Whether two are the same wall; the group that a tour or a hand has come to is not part of it. */
export function isSameWall(one: Arrangement, other: Arrangement): boolean {
  const bare = (a: Arrangement) => JSON.stringify([a.layout, a.area_id ?? null, a.panes ?? null, a.tour?.dwell_s ?? null, a.tour ? (a.tour.skip_offline ?? true) : null]);
  return bare(one) === bare(other);
}
