/** What may be done to the wall's panes: one object that stays the same, so that panes are not drawn anew for it. */
import { useEffect, useMemo, useRef } from 'react';
import { idsWithin } from '../queries/areas';
import { put, putAll, swap, takeOut } from './arrangement';
import type { Dragged } from './drag';
import type { PaneActions } from './Pane';
import type { Wall } from './useWall';

export interface WallActions extends PaneActions {
  change: NonNullable<PaneActions['change']>;
  putArea: (pane: number, areaId: string) => void;
  putCamera: (pane: number, cameraId: string) => void;
  swap: (from: number, to: number) => void;
}

export function usePaneActions(wall: Wall, choose: (pane: number) => void): WallActions {
  const latest = useRef({ wall, choose });
  useEffect(() => {
    latest.current = { wall, choose };
  });
  return useMemo(() => {
    const now = () => latest.current.wall;
    const putCamera = (pane: number, cameraId: string) => now().arrange((list, from) => put(list, from + pane, cameraId));
    const putArea = (pane: number, areaId: string) => now().arrange((list, from) => putAll(list, from + pane, camerasOf(now(), areaId)));
    const change = {
      takeOut: (pane: number) => now().arrange((list, from) => takeOut(list, from + pane)),
      drop: (pane: number, what: Dragged) => {
        if (what.kind === 'pane') actions.swap(what.pane, pane);
        else if (what.kind === 'area') putArea(pane, what.areaId);
        else putCamera(pane, what.cameraId);
        latest.current.choose(pane);
      },
    };
    const actions: WallActions = {
      choose: (pane) => latest.current.choose(pane),
      enlarge: (pane) => (now().big === pane ? now().shrink() : now().enlarge(pane)),
      change,
      putArea,
      putCamera,
      swap: (from, to) => from !== to && now().arrange((list, first) => swap(list, first + from, first + to)),
    };
    return actions;
  }, []);
}

/** The cameras of an area and all beneath it, in the order of the list. */
export function camerasOf(wall: Wall, areaId: string): string[] {
  const within = idsWithin(wall.areas.data ?? [], areaId);
  return (wall.cameras.data ?? []).filter((camera) => within.has(camera.area_id)).map(({ id }) => id);
}
