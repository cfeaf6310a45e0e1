/**
 * Where playback should be, and how fast: pure, asked after each append.
 * The figures come from measurement (100 ms behind at 0.08 s target on a quiet network); `cushionS` grows when the
 * picture ran dry, so that a jittery network gets more delay instead of a stutter.
 */
export interface Buffered {
  start: number;
  end: number;
}

export interface Steering {
  seekTo: number | null;
  rate: number;
  trimTo: number | null; // drop everything before
}

export const edgeS = 0.08; // how far behind the newest frame playback starts
const seekBeyondS = 6; // a hidden or frozen tab comes back: jump instead of racing
const keepS = 10;
const trimBeyondS = 30;

export function steer(at: number, ranges: readonly Buffered[], cushionS: number, starting: boolean): Steering {
  const last = ranges.at(-1);
  const first = ranges[0];
  if (!last || !first) return { seekTo: null, rate: 1, trimTo: null };
  const edge = Math.max(last.start, last.end - edgeS - cushionS);
  const trimTo = at - first.start > trimBeyondS ? at - keepS : null;
  const lag = last.end - at;
  if (at < last.start || lag < -1 || lag > seekBeyondS || (starting && lag > 0.5)) return { seekTo: edge, rate: 1, trimTo };
  return { seekTo: null, rate: rateFor(lag - cushionS), trimTo };
}

function rateFor(lag: number): number {
  if (lag > 1) return 4;
  if (lag > 0.35) return 2;
  if (lag > 0.16) return 1.1;
  if (lag < 0.04) return 0.95;
  return 1;
}
