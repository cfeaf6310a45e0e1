/**
 * Which camera stands in which pane. Pure: a list of cameras (an area's, or a person's own choice with empty places)
 * is shown in groups of as many as the layout has panes; positions are counted over the whole list.
 */
export const layouts = [1, 4, 9, 16, 25, 6, 8] as const;
export type Layout = (typeof layouts)[number];

export type Slots = readonly (string | null)[];

export const mostPanes = 100; // the server keeps no longer list

/** Rows and columns, and how many of them the first pane spans: 6 is 1+5, 8 is 1+7, one large among small. */
export const shapes: Record<Layout, { side: number; large: number; name: string }> = {
  1: { side: 1, large: 1, name: '1×1' },
  4: { side: 2, large: 1, name: '2×2' },
  9: { side: 3, large: 1, name: '3×3' },
  16: { side: 4, large: 1, name: '4×4' },
  25: { side: 5, large: 1, name: '5×5' },
  6: { side: 3, large: 2, name: '1+5' },
  8: { side: 4, large: 3, name: '1+7' },
};

/** The key of each: the side of a square, the count of the others. */
export const layoutKeys: Record<string, Layout> = { 1: 1, 2: 4, 3: 9, 4: 16, 5: 25, 6: 6, 8: 8 };

export function isLayout(value: number): value is Layout {
  return (layouts as readonly number[]).includes(value);
}

/** The group in its own order; the last group may leave panes empty. */
export function fill(list: Slots, layout: Layout, group: number): Slots {
  const from = group * layout;
  return Array.from({ length: layout }, (_, i) => list[from + i] ?? null);
}

export function groupsOf(length: number, layout: Layout): number {
  return Math.max(1, Math.ceil(length / layout));
}

/** Puts a camera at a position; if it already stands in another, the two change places. */
export function put(list: Slots, at: number, cameraId: string): Slots {
  const before = list.indexOf(cameraId);
  const held = list[at] ?? null;
  const next = padded(list, at);
  next[at] = cameraId;
  if (before >= 0 && before !== at) next[before] = held;
  return trimmed(next);
}

/** An area's cameras one after the other from a position on; those that stand elsewhere come along. */
export function putAll(list: Slots, at: number, cameraIds: readonly string[]): Slots {
  const coming = new Set(cameraIds);
  const next = padded(list, at).map((id) => (id !== null && coming.has(id) ? null : id));
  cameraIds.slice(0, Math.max(0, mostPanes - at)).forEach((id, i) => {
    next[at + i] = id;
  });
  return trimmed(next);
}

export function swap(list: Slots, from: number, to: number): Slots {
  const next = padded(list, Math.max(from, to));
  [next[from], next[to]] = [next[to] ?? null, next[from] ?? null];
  return trimmed(next);
}

export function takeOut(list: Slots, at: number): Slots {
  return trimmed(list.map((held, i) => (i === at ? null : held)));
}

/** "a,b,,c" in an address; empty panes are empty words. */
export function writeSlots(list: Slots): string {
  return list.map((id) => id ?? '').join(',');
}

export function readSlots(text: string): Slots {
  return trimmed(
    text
      .split(',')
      .slice(0, mostPanes)
      .map((id) => id || null),
  );
}

/** The pane that an arrow leads to, at the edge the same. From a large pane one leaves at its upper left row or column. */
export function neighbour(pane: number, key: string, layout: Layout): number {
  const { side } = shapes[layout];
  const cells = cellsOf(layout);
  const at = cells.indexOf(pane);
  const end = cells.lastIndexOf(pane);
  const [top, left, bottom, right] = [Math.floor(at / side), at % side, Math.floor(end / side), end % side];
  if (key === 'ArrowLeft' && left > 0) return cells[top * side + left - 1] ?? pane;
  if (key === 'ArrowRight' && right < side - 1) return cells[top * side + right + 1] ?? pane;
  if (key === 'ArrowUp' && top > 0) return cells[(top - 1) * side + left] ?? pane;
  if (key === 'ArrowDown' && bottom < side - 1) return cells[(bottom + 1) * side + left] ?? pane;
  return pane;
}

/** Which pane covers each cell of the grid, row by row, as the browser's grid places them. */
function cellsOf(layout: Layout): number[] {
  const { side, large } = shapes[layout];
  let next = large > 1 ? 1 : 0;
  return Array.from({ length: side * side }, (_, cell) => {
    const isLarge = large > 1 && Math.floor(cell / side) < large && cell % side < large;
    return isLarge ? 0 : next++;
  });
}

function padded(list: Slots, at: number): (string | null)[] {
  return Array.from({ length: Math.max(list.length, at + 1) }, (_, i) => list[i] ?? null);
}

function trimmed(list: Slots): Slots {
  let end = list.length;
  while (end > 0 && list[end - 1] === null) end -= 1;
  return list.slice(0, end);
}
