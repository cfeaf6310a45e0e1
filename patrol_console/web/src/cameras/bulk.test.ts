/** Taking a change of many back: every camera gets what it had, and no other is touched. */
import { expect, test } from 'vitest';
import type { Camera } from '../api/nouns';
import { undoOf } from './bulk';

function camera(id: string, more: Partial<Camera>): Camera {
  return { id, area_id: 'a', importance: 'yellow', enabled: true, tags: [], unit_id: null, recordings: null, watch: { mode: 'continuous', every_min: 10 }, ...more } as Camera;
}

test('cameras that had the same go back together, the others by themselves', () => {
  const before = [camera('1', {}), camera('2', { importance: 'red' }), camera('3', {}), camera('4', {})];
  expect(undoOf(before, { importance: 'blue' }, new Set(['1', '2', '3']))).toEqual([
    { ids: ['1', '3'], change: { importance: 'yellow' } },
    { ids: ['2'], change: { importance: 'red' } },
  ]);
});

test('a tag that a camera had before is not taken from it', () => {
  const before = [camera('1', { tags: ['river'] }), camera('2', { tags: [] })];
  expect(undoOf(before, { add_tags: ['river'] }, new Set(['1', '2']))).toEqual([{ ids: ['2'], change: { remove_tags: ['river'] } }]);
  expect(undoOf(before, { remove_tags: ['river'] }, new Set(['1']))).toEqual([{ ids: ['1'], change: { add_tags: ['river'] } }]);
});

test('what was empty is emptied again', () => {
  expect(undoOf([camera('1', {})], { unit_id: 'u', watch: { mode: 'on_request', every_min: 10 } }, new Set(['1']))).toEqual([
    { ids: ['1'], change: { unit_id: null, watch: { mode: 'continuous', every_min: 10 } } },
  ]);
});
