/** What a screen is to show when something is let go upon its card. Pure. */
import type { Arrangement } from '../api/nouns';
import type { Slots } from './arrangement';
import type { Dragged } from './drag';

export function arrangementOfDrop(wall: { slots: Slots }, what: Dragged): Arrangement | null {
  if (what.kind === 'area') return ofArea(what.areaId);
  const cameraId = what.kind === 'pane' ? (wall.slots[what.pane] ?? null) : what.cameraId;
  return cameraId === null ? null : { layout: 1, area_id: null, panes: [cameraId], group: 0, tour: null };
}

export function ofArea(areaId: string | null): Arrangement {
  return { layout: 9, area_id: areaId, panes: null, group: 0, tour: { dwell_s: 15, skip_offline: true } };
}
