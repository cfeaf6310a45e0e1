/** What part of the plane is seen: a middle and a scale. Zooming keeps the point under the pointer where it is. Pure. */
import type { Metres } from './projection';

export interface View {
  middle: Metres;
  metresPerPx: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Px {
  left: number;
  top: number;
}

const finest = 0.05; // a pole and the one beside it
const coarsest = 2000; // a province
const leastSpanM = 300; // one camera alone, or several on one pole: a village around it
const marginPx = 40;

/** All of `points` in sight. */
export function fit(points: readonly Metres[], { width, height }: Size): View {
  if (points.length === 0) return { middle: { x: 0, y: 0 }, metresPerPx: leastSpanM / Math.max(1, width) };
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const acrossM = Math.max(leastSpanM, east - west) / Math.max(1, width - 2 * marginPx);
  const alongM = Math.max(leastSpanM, north - south) / Math.max(1, height - 2 * marginPx);
  return { middle: { x: (west + east) / 2, y: (south + north) / 2 }, metresPerPx: held(Math.max(acrossM, alongM)) };
}

export function toPx({ x, y }: Metres, view: View, size: Size): Px {
  return { left: size.width / 2 + (x - view.middle.x) / view.metresPerPx, top: size.height / 2 - (y - view.middle.y) / view.metresPerPx };
}

export function toMetres({ left, top }: Px, view: View, size: Size): Metres {
  return { x: view.middle.x + (left - size.width / 2) * view.metresPerPx, y: view.middle.y - (top - size.height / 2) * view.metresPerPx };
}

/** `factor` above 1 shows more of the plane; `at` stays under the pointer. */
export function zoom(view: View, factor: number, at: Px, size: Size): View {
  const under = toMetres(at, view, size);
  const metresPerPx = held(view.metresPerPx * factor);
  const scaled = metresPerPx / view.metresPerPx;
  return { metresPerPx, middle: { x: under.x + (view.middle.x - under.x) * scaled, y: under.y + (view.middle.y - under.y) * scaled } };
}

export function pan(view: View, left: number, top: number): View {
  return { ...view, middle: { x: view.middle.x - left * view.metresPerPx, y: view.middle.y + top * view.metresPerPx } };
}

/** The longest of 1, 2, 5, 10, … metres that is no longer than `mostPx` on screen. */
export function scaleBar(metresPerPx: number, mostPx: number): { metres: number; px: number } {
  const mostM = metresPerPx * mostPx;
  const power = 10 ** Math.floor(Math.log10(mostM));
  const metres = ([5, 2, 1].find((step) => step * power <= mostM) ?? 1) * power;
  return { metres, px: metres / metresPerPx };
}

/** Where the lines of a grid of `stepM` cross the view's left-right (or bottom-top) stretch. */
export function gridLines(fromM: number, toM: number, stepM: number): number[] {
  const lines: number[] = [];
  for (let at = Math.ceil(fromM / stepM) * stepM; at <= toM && lines.length < 100; at += stepM) lines.push(at);
  return lines;
}

function held(metresPerPx: number): number {
  return Math.max(finest, Math.min(coarsest, metresPerPx));
}
