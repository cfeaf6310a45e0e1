/**
 * Found devices registered one after another, each with its outcome. Outside React: it goes on while the page shows
 * something else, until it is done or told to stop. A console that says "too often" is given time, not an error.
 */
import { Problem } from '../api/problem';

export type Registered =
  | { state: 'waiting' }
  | { state: 'going' }
  | { state: 'done'; cameraId: string; name: string; channels: number }
  | { state: 'failed'; said: string };

export interface Candidate {
  address: string;
  name: string;
}

export interface Made {
  id: string;
  name: string;
  channels: readonly string[]; // of the recorder that it is one of
}

export interface Way {
  post: (device: Candidate, channel?: string) => Promise<Made>;
  tell: (address: string, outcome: Registered) => void;
  wait: (ms: number) => Promise<void>;
  stopped: () => boolean;
}

export const tooOftenMs = 3000;
const mostTries = 30;

/** Resolves when all were tried, or at the first device after `stopped`. */
export async function registerAll(devices: readonly Candidate[], way: Way): Promise<void> {
  for (const device of devices) way.tell(device.address, { state: 'waiting' });
  for (const device of devices) {
    if (way.stopped()) return;
    way.tell(device.address, { state: 'going' });
    way.tell(device.address, await registerOne(device, way));
  }
}

/** A device, and of a recorder each of its channels: the first is a camera of that name, the others bear their number. */
async function registerOne(device: Candidate, way: Way): Promise<Registered> {
  const first = await made(device, undefined, way);
  if (typeof first === 'string') return { state: 'failed', said: first };
  for (const [i, channel] of first.channels.entries()) {
    if (i === 0 || way.stopped()) continue; // the first is registered
    const next = await made({ ...device, name: `${device.name} ${i + 1}` }, channel, way);
    if (typeof next === 'string') return { state: 'failed', said: next };
  }
  return { state: 'done', cameraId: first.id, name: first.name, channels: Math.max(1, first.channels.length) };
}

/** The camera, or why it could not be. */
async function made(device: Candidate, channel: string | undefined, way: Way): Promise<Made | string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await way.post(device, channel);
    } catch (error) {
      const tooOften = error instanceof Problem && error.status === 429;
      if (!tooOften || tries >= mostTries || way.stopped()) return error instanceof Error ? error.message : String(error);
    }
    await way.wait(tooOftenMs);
  }
}

export interface Counts {
  done: number;
  failed: number;
  all: number;
}

export function countsOf(outcomes: Iterable<Registered>): Counts {
  const counts = { done: 0, failed: 0, all: 0 };
  for (const { state } of outcomes) {
    counts.all += 1;
    if (state === 'done') counts.done += 1;
    if (state === 'failed') counts.failed += 1;
  }
  return counts;
}

/** What a device is called until somebody names it: its own word, and where it is, which tells twins apart. */
export function nameFor(device: { name: string | null; hardware: string | null; ip: string; address: string }): string {
  const words = device.name || device.hardware || '';
  const port = /:(\d+)\//.exec(device.address)?.[1];
  return `${words.slice(0, 40)} ${device.ip}${port ? `:${port}` : ''}`.trim();
}
