/** What takes a change of many cameras back: each gets what it had, in as few requests as there were different values. */
import type { Camera } from '../api/nouns';
import type { BulkChange, BulkWish } from '../queries/cameras';

type Field = Exclude<keyof BulkChange, 'add_tags' | 'remove_tags'>;

const fields: readonly Field[] = ['area_id', 'watch', 'importance', 'enabled', 'unit_id', 'recordings'];

/** `before`: the cameras as they were; only those of `changed` are taken back. */
export function undoOf(before: readonly Camera[], change: BulkChange, changed: ReadonlySet<string>): BulkWish[] {
  const groups = new Map<string, BulkWish>();
  for (const camera of before) {
    if (!changed.has(camera.id)) continue;
    const back = backOf(camera, change);
    if (Object.keys(back).length === 0) continue;
    const key = JSON.stringify(back);
    const group = groups.get(key) ?? { ids: [], change: back };
    group.ids.push(camera.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function backOf(camera: Camera, change: BulkChange): BulkChange {
  const back: Record<string, unknown> = {};
  for (const field of fields) if (change[field] !== undefined) back[field] = camera[field];
  const added = (change.add_tags ?? []).filter((tag) => !camera.tags.includes(tag));
  const removed = (change.remove_tags ?? []).filter((tag) => camera.tags.includes(tag));
  if (added.length > 0) back.remove_tags = added;
  if (removed.length > 0) back.add_tags = removed;
  return back as BulkChange;
}
