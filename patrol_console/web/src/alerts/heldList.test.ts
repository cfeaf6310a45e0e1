/** The list that never jumps under the cursor. */
import { expect, test } from 'vitest';
import type { Alert } from '../api/nouns';
import { hold } from './heldList';

const alert = (id: string, minute: number, state = 'raised') =>
  ({ id, state, raised_at: `2026-11-23T08:${String(minute).padStart(2, '0')}:00Z` }) as Alert;
const ids = (rows: readonly Alert[]) => rows.map(({ id }) => id).join('');

const shown = [alert('b', 20), alert('a', 10)];

test('out of use it is what was read', () => {
  expect(hold(shown, [alert('c', 30), ...shown], false)).toMatchObject({ waiting: 0 });
  expect(ids(hold(shown, [alert('c', 30), ...shown], false).rows)).toBe('cba');
});

test('in use new ones wait and are counted', () => {
  const held = hold(shown, [alert('d', 40), alert('c', 30), ...shown], true);
  expect(ids(held.rows)).toBe('ba');
  expect(held.waiting).toBe(2);
});

test('in use one that left keeps its place, one that changed is renewed in place', () => {
  const held = hold(shown, [alert('a', 10, 'acknowledged')], true);
  expect(ids(held.rows)).toBe('ba');
  expect(held.rows[1]?.state).toBe('acknowledged');
});

test('older ones read later go to the end and do not wait', () => {
  const held = hold(shown, [...shown, alert('z', 5)], true);
  expect(ids(held.rows)).toBe('baz');
  expect(held.waiting).toBe(0);
});

test('an empty list shows the first alert at once', () => {
  expect(ids(hold([], [alert('a', 10)], true).rows)).toBe('a');
});
