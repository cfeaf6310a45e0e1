/** Registering found devices: in order, each with its outcome, patient where it was too fast, stopped when told to. */
import { expect, test } from 'vitest';
import { Problem } from '../api/problem';
import { countsOf, nameFor, registerAll, type Candidate, type Registered, type Way } from './registering';

const devices = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, name: address }));

function way(post: Way['post'], stopAfter = Infinity): Way & { outcomes: Map<string, Registered>; waits: number } {
  const made = {
    outcomes: new Map<string, Registered>(),
    waits: 0,
    asked: 0,
    post: (device: Candidate, channel?: string) => {
      made.asked += 1;
      return post(device, channel);
    },
    tell: (address: string, outcome: Registered) => void made.outcomes.set(address, outcome),
    wait: () => {
      made.waits += 1;
      return Promise.resolve();
    },
    stopped: () => made.asked >= stopAfter,
  };
  return made;
}

test('one that fails has its reason and holds up no other', async () => {
  const one = way(({ address, name }) => (address.endsWith('2') ? Promise.reject(new Problem(502, 'x', 'wrong password')) : Promise.resolve({ id: `cam ${address}`, name, channels: [] })));
  await registerAll(devices, one);
  expect([...one.outcomes.values()].map(({ state }) => state)).toEqual(['done', 'failed', 'done']);
  expect(one.outcomes.get('10.0.0.2')).toEqual({ state: 'failed', said: 'wrong password' });
  expect(countsOf(one.outcomes.values())).toEqual({ done: 2, failed: 1, all: 3 });
});

test('"too often" is waited for and is no failure, but not for ever', async () => {
  let busy = 2;
  const soon = way(({ name }) => (busy-- > 0 ? Promise.reject(new Problem(429, 'x', 'slow down')) : Promise.resolve({ id: 'c', name, channels: [] })));
  await registerAll(devices.slice(0, 1), soon);
  expect([soon.waits, soon.outcomes.get('10.0.0.1')?.state]).toEqual([2, 'done']);
  const never = way(() => Promise.reject(new Problem(429, 'x', 'slow down')));
  await registerAll(devices.slice(0, 1), never);
  expect(never.outcomes.get('10.0.0.1')).toEqual({ state: 'failed', said: 'slow down' });
});

test('what comes after a stop still waits', async () => {
  const one = way(({ name }) => Promise.resolve({ id: 'c', name, channels: [] }), 1);
  await registerAll(devices, one);
  expect([...one.outcomes.values()].map(({ state }) => state)).toEqual(['done', 'waiting', 'waiting']);
});

test('a device is called by its words once, and by where it is', () => {
  const device = { name: 'IPC', hardware: 'IPC', ip: '10.0.0.9', address: '10.0.0.9' };
  expect(nameFor(device)).toBe('IPC 10.0.0.9');
  expect(nameFor({ ...device, name: null, hardware: 'DS-2CD', address: 'http://10.0.0.9:8001/onvif/device_service' })).toBe('DS-2CD 10.0.0.9:8001');
  expect(nameFor({ ...device, name: null, hardware: null })).toBe('10.0.0.9');
});

test('of a recorder every channel is a camera, and it is done when all are', async () => {
  const posted: [string, string | undefined][] = [];
  const one = way(({ name }, channel) => {
    posted.push([name, channel]);
    return Promise.resolve({ id: channel ?? 'first', name, channels: ['ch1', 'ch2', 'ch3'] });
  });
  await registerAll([{ address: '10.0.0.5', name: 'NVR' }], one);
  expect(posted).toEqual([['NVR', undefined], ['NVR 2', 'ch2'], ['NVR 3', 'ch3']]);
  expect(one.outcomes.get('10.0.0.5')).toEqual({ state: 'done', cameraId: 'first', name: 'NVR', channels: 3 });
});
