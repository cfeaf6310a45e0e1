/** Which camera stands where. */
import { expect, test } from 'vitest';
import { fill, groupsOf, mostPanes, neighbour, put, putAll, readSlots, swap, takeOut, writeSlots } from './arrangement';

test('the last group leaves panes empty', () => {
  expect(fill(['a', 'b', 'c', 'd', 'e'], 4, 1)).toEqual(['e', null, null, null]);
  expect(groupsOf(5, 4)).toBe(2);
  expect(groupsOf(0, 9)).toBe(1);
});

test('a smaller layout loses no camera of a choice: the rest stands in the next groups', () => {
  const nine = [...'abcdefghi'];
  expect(groupsOf(nine.length, 4)).toBe(3);
  expect(fill(nine, 4, 2)).toEqual(['i', null, null, null]);
});

test('a camera stands in one pane only: put where another is, they change places', () => {
  expect(put(['a', 'b'], 1, 'a')).toEqual(['b', 'a']);
  expect(put(['a', 'b'], 3, 'c')).toEqual(['a', 'b', null, 'c']);
  expect(put(['a', 'b'], 0, 'a')).toEqual(['a', 'b']);
});

test('an area fills from the chosen pane on, and its cameras stand nowhere twice', () => {
  expect(putAll(['a', 'b', 'c'], 1, ['x', 'y', 'z'])).toEqual(['a', 'x', 'y', 'z']);
  expect(putAll(['x', 'b', 'c'], 1, ['x', 'y'])).toEqual([null, 'x', 'y']);
  expect(putAll([], 99, ['x', 'y'])).toHaveLength(mostPanes);
});

test('panes change places, an empty one too', () => {
  expect(swap(['a', 'b'], 0, 2)).toEqual([null, 'b', 'a']);
  expect(takeOut(['a', 'b', 'c'], 0)).toEqual([null, 'b', 'c']);
  expect(takeOut(['a', 'b'], 1)).toEqual(['a']);
});

test('a choice survives the address, one that was made up does not grow', () => {
  const slots = ['a', null, 'c'];
  expect(readSlots(writeSlots(slots))).toEqual(slots);
  expect(readSlots('')).toEqual([]);
  expect(readSlots('x,'.repeat(10_000)).length).toBeLessThanOrEqual(mostPanes);
});

test.each([
  [9, 0, 'ArrowLeft', 0], // at the edge it stays
  [9, 0, 'ArrowRight', 1],
  [9, 2, 'ArrowRight', 2],
  [9, 1, 'ArrowDown', 4],
  [9, 7, 'ArrowDown', 7],
  [25, 24, 'ArrowUp', 19],
  [6, 0, 'ArrowRight', 1], // from the large one to the small beside it
  [6, 0, 'ArrowDown', 3],
  [6, 2, 'ArrowLeft', 0], // and back from each that touches it
  [6, 4, 'ArrowUp', 0],
  [6, 5, 'ArrowUp', 2],
  [8, 0, 'ArrowDown', 4],
  [8, 7, 'ArrowUp', 3],
  [8, 6, 'ArrowUp', 0],
] as const)('of %d panes, from %d by %s to %d', (layout, from, key, to) => {
  expect(neighbour(from, key, layout)).toBe(to);
});
