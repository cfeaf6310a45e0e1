/** Drawing and changing zones, and masks likewise: pure. Every change keeps what was before it, so that each can be undone. */
import type { Point, Polygon } from '../api/nouns';

/** What the console knows: a zone, or a mask under a name that only the page gives it. */
export interface Drawn {
  zone_id: string | null;
  name: string;
  polygon: Polygon;
}

export interface ZoneDraft {
  zoneId: string | null; // null: not saved yet
  name: string;
  polygon: Polygon;
}

export interface Editing {
  zones: readonly ZoneDraft[];
  selected: number | null;
  drawing: Polygon | null; // corners set so far
  past: readonly (readonly ZoneDraft[])[];
  changed: boolean;
}

export type Edit =
  | { do: 'read'; zones: readonly Drawn[] }
  | { do: 'select'; zone: number | null }
  | { do: 'draw' }
  | { do: 'set corner'; at: Point }
  | { do: 'finish'; name: string }
  | { do: 'give up' }
  | { do: 'grip' } // before a drag: one step of undo for all of it
  | { do: 'move corner'; zone: number; corner: number; to: Point; kept?: boolean }
  | { do: 'add corner'; zone: number; after: number }
  | { do: 'remove corner'; zone: number; corner: number }
  | { do: 'rename'; zone: number; name: string }
  | { do: 'delete'; zone: number }
  | { do: 'undo' };

export const leastCorners = 3;
const undoLimit = 50;

export function begin(zones: readonly Drawn[]): Editing {
  return { zones: zones.map(draftOf), selected: null, drawing: null, past: [], changed: false };
}

export function edit(now: Editing, act: Edit): Editing {
  switch (act.do) {
    case 'read':
      return begin(act.zones);
    case 'select':
      return { ...now, selected: act.zone };
    case 'draw':
      return { ...now, drawing: [], selected: null };
    case 'set corner':
      return now.drawing ? { ...now, drawing: [...now.drawing, clamp(act.at)] } : now;
    case 'finish':
      return finish(now, act.name);
    case 'give up':
      return { ...now, drawing: null };
    case 'grip':
      return kept(now, now.zones);
    case 'move corner': {
      const zones = changeZone(now.zones, act.zone, (polygon) => polygon.map((corner, i) => (i === act.corner ? clamp(act.to) : corner)));
      return act.kept ? { ...now, zones, changed: true } : kept(now, zones);
    }
    case 'add corner':
      return kept(now, changeZone(now.zones, act.zone, (polygon) => withCorner(polygon, act.after)));
    case 'remove corner':
      if ((now.zones[act.zone]?.polygon.length ?? 0) <= leastCorners) return now;
      return kept(now, changeZone(now.zones, act.zone, (polygon) => polygon.filter((_, i) => i !== act.corner)));
    case 'rename':
      return kept(now, now.zones.map((zone, i) => (i === act.zone ? { ...zone, name: act.name } : zone)));
    case 'delete':
      return { ...kept(now, now.zones.filter((_, i) => i !== act.zone)), selected: null };
    case 'undo': {
      const before = now.past.at(-1);
      return before ? { ...now, zones: before, past: now.past.slice(0, -1), selected: null, changed: now.past.length > 1 } : now;
    }
  }
}

export function middle(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

/** The centre of the corners, where the name stands. */
export function centre(polygon: Polygon): Point {
  const n = Math.max(1, polygon.length);
  return [polygon.reduce((sum, [x]) => sum + x, 0) / n, polygon.reduce((sum, [, y]) => sum + y, 0) / n];
}

function finish(now: Editing, name: string): Editing {
  if (!now.drawing || now.drawing.length < leastCorners) return now;
  const zones = [...now.zones, { zoneId: null, name, polygon: now.drawing }];
  return { ...kept(now, zones), drawing: null, selected: zones.length - 1 };
}

function kept(now: Editing, zones: readonly ZoneDraft[]): Editing {
  return { ...now, zones, past: [...now.past, now.zones].slice(-undoLimit), changed: true };
}

function changeZone(zones: readonly ZoneDraft[], which: number, change: (polygon: Polygon) => Polygon): readonly ZoneDraft[] {
  return zones.map((zone, i) => (i === which ? { ...zone, polygon: change(zone.polygon) } : zone));
}

function withCorner(polygon: Polygon, after: number): Polygon {
  const a = polygon[after];
  const b = polygon[(after + 1) % polygon.length];
  return a && b ? [...polygon.slice(0, after + 1), middle(a, b), ...polygon.slice(after + 1)] : polygon;
}

function clamp([x, y]: Point): Point {
  return [unit(x), unit(y)];
}

function unit(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

function draftOf(zone: Drawn): ZoneDraft {
  return { zoneId: zone.zone_id, name: zone.name, polygon: zone.polygon };
}
