/** Stretches are cut to the strip and lie where their time does. */
import { expect, test } from 'vitest';
import type { StateStretch } from '../api/nouns';
import { stretchesIn, ticksIn } from './stripGeometry';

const end = Date.parse('2026-03-02T09:30:00Z');
const start = end - 86_400_000;

function stretch(since: string, until: string | null): StateStretch {
  return { state: 'online', cause: 'none', detail: null, since, until };
}

test.each([
  ['begun before the strip, and still so: the whole of it', '2026-02-01T00:00:00Z', null, [[0, 100]]],
  ['the second half', '2026-03-01T21:30:00Z', null, [[50, 50]]],
  ['over before the strip begins: nothing', '2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z', []],
  ['told ahead of our clock: nothing yet', '2026-03-02T10:00:00Z', null, []],
  ['six hours within', '2026-03-01T15:30:00Z', '2026-03-01T21:30:00Z', [[25, 25]]],
])('%s', (_, since, until, expected) => {
  expect(stretchesIn([stretch(since, until)], start, end).map(({ left, width }) => [left, width])).toEqual(expected);
});

test('the hours stand where they are, and none hangs over an edge', () => {
  const ticks = ticksIn(start, end);
  expect(ticks.map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual(['12:00', '16:00', '20:00', '00:00', '04:00', '08:00']);
  for (const { left } of ticks) expect(left > 2 && left < 97).toBe(true);
});
