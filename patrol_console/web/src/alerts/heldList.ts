/**
 * A list that never jumps under the cursor. While somebody uses it, rows keep their places: new ones wait and are
 * counted, those that left stay where they are (dimmed by the page), and older ones read later go to the end.
 */
import type { Alert } from '../api/nouns';

export interface HeldList {
  rows: readonly Alert[];
  waiting: number; // new ones that are not shown yet
}

export function hold(shown: readonly Alert[], read: readonly Alert[], inUse: boolean): HeldList {
  if (!inUse || shown.length === 0) return { rows: read, waiting: 0 };
  const current = new Map(read.map((alert) => [alert.id, alert]));
  const places = new Set(shown.map((alert) => alert.id));
  const oldest = shown.at(-1)?.raised_at ?? '';
  const unseen = read.filter((alert) => !places.has(alert.id));
  const older = unseen.filter((alert) => alert.raised_at < oldest);
  return {
    rows: [...shown.map((alert) => current.get(alert.id) ?? alert), ...older],
    waiting: unseen.length - older.length,
  };
}
