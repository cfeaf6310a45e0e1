/**
 * What is carried: a camera or an area from the list, or a pane. While something is carried the whole page knows
 * (`useDragging`), for a browser tells a drop target what it is only when it is dropped.
 */
import { useSyncExternalStore } from 'react';

export type Dragged = { kind: 'camera'; cameraId: string } | { kind: 'area'; areaId: string } | { kind: 'pane'; pane: number };

const type = 'application/x-probe-patrol';

let carried: Dragged['kind'] | null = null;
const watchers = new Set<() => void>();

function set(kind: Dragged['kind'] | null): void {
  if (kind === carried) return;
  carried = kind;
  for (const changed of watchers) changed();
}

for (const end of ['dragend', 'drop'] as const) document.addEventListener(end, () => set(null));

export function startDrag(transfer: DataTransfer, what: Dragged): void {
  transfer.setData(type, JSON.stringify(what));
  transfer.effectAllowed = 'move';
  setTimeout(() => set(what.kind)); // a page that changes within `dragstart` ends the drag in Chromium
}

export function dragged(transfer: DataTransfer): Dragged | null {
  try {
    return read(JSON.parse(transfer.getData(type)));
  } catch {
    return null; // a file or a text from elsewhere
  }
}

export function isOurs(transfer: DataTransfer): boolean {
  return transfer.types.includes(type);
}

export function useDragging(): Dragged['kind'] | null {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => carried,
  );
}

function read(what: Partial<Record<string, unknown>>): Dragged | null {
  if (what.kind === 'camera' && typeof what.cameraId === 'string') return { kind: 'camera', cameraId: what.cameraId };
  if (what.kind === 'area' && typeof what.areaId === 'string') return { kind: 'area', areaId: what.areaId };
  if (what.kind === 'pane' && Number.isInteger(what.pane)) return { kind: 'pane', pane: Number(what.pane) };
  return null;
}
