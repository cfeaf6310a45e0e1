/** Which camera stands in which pane. Pure: from a list of cameras, a layout and a person's own choice. */
export const layouts = [1, 4, 9, 16] as const;
export type Layout = (typeof layouts)[number];

export type Slots = readonly (string | null)[];

export function isLayout(value: number): value is Layout {
  return (layouts as readonly number[]).includes(value);
}

/** The group of cameras in their own order; the last group may leave panes empty. */
export function fill(cameraIds: readonly string[], layout: Layout, page: number): Slots {
  const from = page * layout;
  return Array.from({ length: layout }, (_, i) => cameraIds[from + i] ?? null);
}

export function pagesOf(cameras: number, layout: Layout): number {
  return Math.max(1, Math.ceil(cameras / layout));
}

/** The same choice in another layout: those that fit stay where they are counted. */
export function resize(slots: Slots, layout: Layout): Slots {
  return Array.from({ length: layout }, (_, i) => slots[i] ?? null);
}

/** Puts a camera into a pane; if it already stands in another, the two change places. */
export function put(slots: Slots, pane: number, cameraId: string): Slots {
  const before = slots.indexOf(cameraId);
  return slots.map((held, i) => {
    if (i === pane) return cameraId;
    if (i === before) return slots[pane] ?? null;
    return held;
  });
}

export function swap(slots: Slots, from: number, to: number): Slots {
  return slots.map((held, i) => (i === from ? (slots[to] ?? null) : i === to ? (slots[from] ?? null) : held));
}

export function takeOut(slots: Slots, pane: number): Slots {
  return slots.map((held, i) => (i === pane ? null : held));
}

/** "a,b,,c" in an address; empty panes are empty words. */
export function writeSlots(slots: Slots): string {
  return slots.map((id) => id ?? '').join(',');
}

export function readSlots(text: string, layout: Layout): Slots {
  return resize(
    text.split(',').map((id) => id || null),
    layout,
  );
}

/** The pane that an arrow leads to, at the edge the same. */
export function neighbour(pane: number, key: string, layout: Layout): number {
  const side = Math.sqrt(layout);
  const [row, column] = [Math.floor(pane / side), pane % side];
  if (key === 'ArrowLeft' && column > 0) return pane - 1;
  if (key === 'ArrowRight' && column < side - 1) return pane + 1;
  if (key === 'ArrowUp' && row > 0) return pane - side;
  if (key === 'ArrowDown' && row < side - 1) return pane + side;
  return pane;
}
