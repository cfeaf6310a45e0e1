/** The line to the hub's events, and the reading of its text, cut anywhere. */
import { expect, test, vi } from 'vitest';
import { EventLine, EventReader, type HubEvent, type LineWord } from './line';

const text = ': hello\n\nid: 7\nevent: change\ndata: {"noun":"alert","id":"a1","change":"created","severity":"red"}\n\n: ping\n\nevent: other\ndata: {}\n\n';

test.each([1, 2, 7, 1000])('an event cut into pieces of %d characters is one event', (size) => {
  const seen: [string | null, HubEvent][] = [];
  const reader = new EventReader((id, event) => seen.push([id, event]));
  for (let at = 0; at < text.length; at += size) reader.read(text.slice(at, at + size));
  expect(seen).toEqual([['7', { noun: 'alert', id: 'a1', change: 'created', severity: 'red' }]]);
});

test('broken data is passed over', () => {
  const seen: HubEvent[] = [];
  const reader = new EventReader((_, event) => seen.push(event));
  reader.read('event: change\ndata: {"noun"\n\nevent: change\ndata: {"noun":"area","id":"*","change":"updated"}\n\n');
  expect(seen).toHaveLength(1);
});

test('a session that is over ends the asking until somebody signs in again', async () => {
  vi.useFakeTimers();
  const asked = vi.fn(async () => new Response(null, { status: 401 }));
  vi.stubGlobal('fetch', asked);
  const said: string[] = [];
  const line = new EventLine((word) => said.push(word.kind));
  line.restart();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(said).toEqual(['signed-out']);
  line.restart();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveBeenCalledTimes(2);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a line that is refused is tried again with growing pauses, and says that it is down', async () => {
  vi.useFakeTimers();
  const asked = vi.fn(async () => Promise.reject(new TypeError('no network')));
  vi.stubGlobal('fetch', asked);
  const said: LineWord[] = [];
  const line = new EventLine((word) => said.push(word));
  line.restart();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.mock.calls.length).toBeGreaterThan(5);
  expect(asked.mock.calls.length).toBeLessThan(14);
  expect(said[0]).toEqual({ kind: 'line', up: false });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
