/** Where stretches of state and the hours lie on a strip of time, in percent of its width. Pure. */
import type { StateStretch } from '../api/nouns';

export interface Part {
  stretch: StateStretch;
  left: number;
  width: number;
}

const hour = 3_600_000;

/** Those that touch [start, end], cut to it; the open one goes to the end. */
export function stretchesIn(stretches: readonly StateStretch[], start: number, end: number): Part[] {
  const parts: Part[] = [];
  for (const stretch of stretches) {
    const from = Math.max(start, Date.parse(stretch.since));
    const until = Math.min(end, stretch.until === null ? end : Date.parse(stretch.until));
    if (until <= from) continue;
    parts.push({ stretch, left: share(from - start, end - start), width: share(until - from, end - start) });
  }
  return parts;
}

/** A whole hour each four, not so near to an edge that its words hang over. */
export function ticksIn(start: number, end: number): { at: number; left: number }[] {
  const ticks = [];
  for (let at = Math.ceil(start / hour) * hour; at <= end; at += hour) {
    const left = share(at - start, end - start);
    if (Math.round(at / hour) % 4 === 0 && left > 2 && left < 97) ticks.push({ at, left });
  }
  return ticks;
}

function share(part: number, whole: number): number {
  return (100 * part) / whole;
}
