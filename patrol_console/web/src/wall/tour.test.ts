/** The tour's time and its rounds. */
import { expect, test, vi } from 'vitest';
import type { Camera } from '../api/nouns';
import { following, mayOverlap, readDwell, roundOf, stepped, Tour } from './tour';

function run(tour: Tour, fromMs: number, toMs: number, held = false): void {
  for (let at = fromMs; at <= toMs; at += 250) tour.tick(at, held);
}

test('a group is shown for its dwell, then the next is due, again and again', () => {
  const due = vi.fn();
  const tour = new Tour(10_000, due);
  run(tour, 0, 9750);
  expect(due).not.toHaveBeenCalled();
  run(tour, 10_000, 10_000);
  expect(due).toHaveBeenCalledTimes(1);
  run(tour, 10_250, 30_000);
  expect(due).toHaveBeenCalledTimes(3);
});

test('the next group is got ready shortly before, not at the beginning', () => {
  const tour = new Tour(10_000, () => {});
  run(tour, 0, 7000);
  expect(tour.getView()).toEqual({ remainingS: 3, ahead: false });
  run(tour, 7250, 7750);
  expect(tour.getView().ahead).toBe(true);
  run(tour, 8000, 10_000);
  expect(tour.getView()).toEqual({ remainingS: 10, ahead: false });
});

test('time that is held does not count, and a step by hand begins anew', () => {
  const due = vi.fn();
  const tour = new Tour(5000, due);
  run(tour, 0, 4000);
  run(tour, 4250, 60_000, true);
  expect(due).not.toHaveBeenCalled();
  expect(tour.getView().remainingS).toBe(1);
  tour.begin();
  expect(tour.getView().remainingS).toBe(5);
});

test('a computer that slept an hour makes one step, not hundreds', () => {
  const due = vi.fn();
  const tour = new Tour(5000, due);
  tour.tick(0, false);
  tour.tick(3_600_000, false);
  tour.tick(3_600_250, false);
  expect(due).toHaveBeenCalledTimes(1);
});

test('watchers hear of seconds, not of ticks', () => {
  const heard = vi.fn();
  const tour = new Tour(60_000, () => {});
  tour.subscribe(heard);
  run(tour, 0, 4000);
  expect(heard.mock.calls.length).toBeLessThanOrEqual(4);
});

test('a round leaves out what is down, but is never empty for that', () => {
  const states = { a: 'online', b: 'offline', c: 'degraded', d: 'paused' } as const;
  const byId = new Map(Object.entries(states).map(([id, state]) => [id, { id, state } as Camera]));
  expect(roundOf(['a', 'b', null, 'c', 'd', 'gone'], byId, true)).toEqual(['a', 'c']);
  expect(roundOf(['b', 'd'], byId, true)).toEqual(['b', 'd']);
  expect(roundOf(['a', 'b'], byId, false)).toEqual(['a', 'b']);
});

test('a choice of one\'s own stays as it was laid out; groups wholly down are passed over', () => {
  const states = { a: 'online', b: 'offline', c: 'offline', d: 'offline', e: 'online' } as const;
  const byId = new Map(Object.entries(states).map(([id, state]) => [id, { id, state } as Camera]));
  const list = ['a', 'b', 'c', 'd', null, 'e'];
  expect(following(0, list, 1, byId, true)).toBe(5);
  expect(following(0, list, 4, byId, true)).toBe(1);
  expect(following(0, list, 1, byId, false)).toBe(1);
  expect(following(0, ['b', 'c'], 1, byId, true)).toBe(1); // all down: it goes on all the same
});

test('a dwell from an address is one or none', () => {
  expect([null, '', '15', '2', '3601', '1.5', 'x'].map(readDwell)).toEqual([null, null, 15, null, null, null, null]);
});

test('the groups go around', () => {
  expect(stepped(2, 1, 3)).toBe(0);
  expect(stepped(0, -1, 3)).toBe(2);
  expect(stepped(0, 1, 1)).toBe(0);
});

test('two players a pane only where the gateway has room for all windows', () => {
  expect(mayOverlap(16, 1)).toBe(true);
  expect(mayOverlap(25, 1)).toBe(true);
  expect(mayOverlap(4, 9)).toBe(true);
  expect(mayOverlap(9, 9)).toBe(false);
});
