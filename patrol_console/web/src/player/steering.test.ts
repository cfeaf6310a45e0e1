/** Where playback goes: a table of lags. */
import { expect, test } from 'vitest';
import { steer } from './steering';

const range = (start: number, end: number) => [{ start, end }];

test.each([
  // at, ranges, cushion, starting → seek, rate, trim; why
  [0, range(100, 104), 0, true, 103.92, 1, null, 'the kept GOP is not played through: start at its live edge'],
  [103.9, range(100, 104), 0, false, null, 1, null, 'at the edge: normal speed'],
  [103.98, range(100, 104), 0, false, null, 0.95, null, 'too near the end: a little slower'],
  [103.8, range(100, 104), 0, false, null, 1.1, null, 'a little behind: a little faster'],
  [103.5, range(100, 104), 0, false, null, 2, null, 'behind: faster'],
  [102, range(100, 104), 0, false, null, 4, null, 'far behind: much faster'],
  [97, range(90, 104), 0, false, 103.92, 1, null, 'more than six seconds (a hidden tab came back): jump'],
  [103.6, range(100, 104), 0.24, false, null, 1.1, null, 'a cushion after stutters moves the goal'],
  [105.5, range(100, 104), 0, false, 103.92, 1, null, 'beyond the end after a clock step: back to the edge'],
  [101, [...range(100, 101), ...range(103, 104)], 0, false, 103.92, 1, null, 'a gap of dropped frames is jumped over'],
  [135, range(100, 135.1), 0, false, null, 1, 125, 'half a minute behind is dropped, ten seconds kept'],
])('at %d in %o, cushion %d, starting %s → seek %s, rate %d, trim %s (%s)', (at, ranges, cushion, starting, seek, rate, trim, _why) => {
  const found = steer(at, ranges, cushion, starting);
  expect(found.seekTo === null ? null : Number(found.seekTo.toFixed(2))).toBe(seek);
  expect(found.rate).toBe(rate);
  expect(found.trimTo).toBe(trim);
});

test('nothing buffered asks for nothing', () => {
  expect(steer(0, [], 0, true)).toEqual({ seekTo: null, rate: 1, trimTo: null });
});
