/** The reading of server-sent text, cut anywhere. */
import { expect, test } from 'vitest';
import { EventReader, type HubEvent } from './line';

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
