/** Which camera stands where. */
import { expect, test } from 'vitest';
import { fill, neighbour, pagesOf, put, readSlots, resize, swap, takeOut, writeSlots } from './arrangement';

test('the last group leaves panes empty', () => {
  expect(fill(['a', 'b', 'c', 'd', 'e'], 4, 1)).toEqual(['e', null, null, null]);
  expect(pagesOf(5, 4)).toBe(2);
  expect(pagesOf(0, 9)).toBe(1);
});

test('a camera stands in one pane only: put where another is, they change places', () => {
  expect(put(['a', 'b', null, null], 1, 'a')).toEqual(['b', 'a', null, null]);
  expect(put(['a', 'b', null, null], 2, 'c')).toEqual(['a', 'b', 'c', null]);
});

test('panes change places, an empty one too', () => {
  expect(swap(['a', 'b', null, null], 0, 2)).toEqual([null, 'b', 'a', null]);
  expect(takeOut(['a', 'b', null, null], 0)).toEqual([null, 'b', null, null]);
});

test('a choice survives the address and another layout', () => {
  const slots = ['a', null, 'c', null];
  expect(readSlots(writeSlots(slots), 4)).toEqual(slots);
  expect(readSlots(writeSlots(slots), 1)).toEqual(['a']);
  expect(resize(slots, 9)).toHaveLength(9);
});

test.each([
  [0, 'ArrowLeft', 0], // at the edge it stays
  [0, 'ArrowRight', 1],
  [2, 'ArrowRight', 2],
  [1, 'ArrowDown', 4],
  [4, 'ArrowUp', 1],
  [7, 'ArrowDown', 7],
] as const)('from pane %d by %s to %d of nine', (from, key, to) => {
  expect(neighbour(from, key, 9)).toBe(to);
});
