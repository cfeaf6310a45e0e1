/** The player against a gateway that misbehaves; the media itself is a stand-in, as jsdom has none. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Opening } from './line';
import { Player } from './player';
import { TicketRefused } from './state';

const made: FakeSocket[] = [];

class FakeSocket {
  binaryType = '';
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code?: number }) => void) | null = null;
  closed = false;

  constructor(readonly address: string) {
    made.push(this);
  }

  close(): void {
    this.closed = true;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  sendFrame(): void {
    this.onmessage?.({ data: new ArrayBuffer(8) });
  }

  drop(code?: number): void {
    this.onclose?.({ code });
  }
}

class FakeSource extends EventTarget {
  static isTypeSupported = (type: string) => type.includes('avc1');
  readyState = 'closed';
}

let video: HTMLVideoElement;
let present: () => void;
let tickets: number;

beforeEach(() => {
  vi.useFakeTimers();
  made.length = 0;
  tickets = 0;
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('MediaSource', FakeSource);
  URL.createObjectURL = () => 'blob:here';
  URL.revokeObjectURL = () => {};
  video = document.createElement('video');
  video.load = () => {};
  let waiting: (() => void)[] = [];
  video.requestVideoFrameCallback = (callback) => waiting.push(() => callback(0, {} as VideoFrameCallbackMetadata));
  present = () => {
    const now = waiting;
    waiting = [];
    for (const callback of now) callback();
  };
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const opening = (n: number): Opening => ({ mseUrl: `ws://gateway/mse/c1?ticket=${n}`, whepUrl: null, stunServers: [] });

async function open(ticket: () => Promise<Opening> = async () => opening(++tickets)): Promise<Player> {
  const player = new Player(video, ticket);
  player.start();
  await vi.advanceTimersByTimeAsync(0);
  return player;
}

async function playing(): Promise<Player> {
  const player = await open();
  made.at(-1)?.say({ type: 'init', codec: 'avc1.4d401f', width: 640, height: 360 });
  made.at(-1)?.sendFrame();
  present();
  return player;
}

test('a picture is live only when a frame was presented', async () => {
  const player = await open();
  made[0]?.say({ type: 'init', codec: 'avc1.4d401f', width: 640, height: 360 });
  made[0]?.sendFrame();
  expect(player.getState().kind).toBe('connecting');
  present();
  expect(player.getState()).toMatchObject({ kind: 'live', width: 640 });
  expect(video.dataset.frames).toBe('1');
  player.stop();
});

test('the gateway says stale: the picture is stale since then, and live again only with a new frame', async () => {
  const player = await playing();
  const since = Date.now() - 3000;
  made[0]?.say({ type: 'stale', since_ms: 3000 });
  expect(player.getState()).toMatchObject({ kind: 'stale', since });
  made[0]?.say({ type: 'live' });
  expect(player.getState().kind).toBe('stale');
  present();
  expect(player.getState().kind).toBe('live');
  player.stop();
});

test('no presented frame for three seconds makes it stale although the line is busy', async () => {
  const player = await playing();
  const at = Date.now();
  for (let i = 0; i < 8; i += 1) {
    made[0]?.sendFrame();
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(player.getState()).toMatchObject({ kind: 'stale', since: at });
  player.stop();
});

test('a line that broke shows a stopped picture at once and asks for a fresh ticket', async () => {
  const player = await playing();
  made[0]?.drop();
  expect(player.getState()).toMatchObject({ kind: 'stale', reconnecting: true });
  await vi.advanceTimersByTimeAsync(1000);
  expect(made).toHaveLength(2);
  expect(made[1]?.address).toContain('ticket=2');
  player.stop();
});

test('a line that died without a word is given up', async () => {
  const player = await playing();
  await vi.advanceTimersByTimeAsync(9500);
  expect(made[0]?.closed).toBe(true);
  expect(player.getState().kind).toBe('stale');
  player.stop();
});

test('a refused ticket is not asked for again until something changes', async () => {
  let refused = true;
  const player = await open(async () => {
    tickets += 1;
    if (refused) throw new TicketRefused('no_consent', 'no');
    return opening(0);
  });
  expect(player.getState()).toEqual({ kind: 'refused', code: 'no_consent', detail: 'no' });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tickets).toBe(1);
  refused = false;
  player.nudge();
  await vi.advanceTimersByTimeAsync(0);
  expect(made).toHaveLength(1);
  player.stop();
});

test('a revoked picture ends at once and its ticket decides', async () => {
  const player = await playing();
  made[0]?.say({ type: 'end', code: 'revoked' });
  expect(player.getState()).toMatchObject({ kind: 'refused', code: 'revoked' });
  expect(made[0]?.closed).toBe(true);
  player.stop();
});

test('an offline camera is tried again with growing pauses, and at once when it is back', async () => {
  const player = await open();
  for (let i = 0; i < 4; i += 1) {
    made.at(-1)?.say({ type: 'end', code: 'camera_offline' });
    await vi.advanceTimersByTimeAsync(7500);
  }
  expect(player.getState().kind).toBe('offline');
  expect(made.length).toBeLessThanOrEqual(5);
  made.at(-1)?.say({ type: 'end', code: 'camera_offline' });
  const before = made.length;
  player.nudge();
  await vi.advanceTimersByTimeAsync(0);
  expect(made).toHaveLength(before + 1);
  player.stop();
});

test('a codec that this browser cannot play is said, not retried', async () => {
  const player = await open();
  made[0]?.say({ type: 'init', codec: 'hvc1.1.6.L93.B0', width: 640, height: 360 });
  expect(player.getState()).toEqual({ kind: 'ended', reason: 'unsupported', codec: 'hvc1.1.6.L93.B0' });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(made).toHaveLength(1);
  player.stop();
});

test('garbage from the gateway changes nothing', async () => {
  const player = await playing();
  made[0]?.onmessage?.({ data: '{not json' });
  made[0]?.say({ type: 'unheard-of' });
  expect(player.getState().kind).toBe('live');
  player.stop();
});

test('a hidden page rests and comes back', async () => {
  const player = await playing();
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  document.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(6000);
  expect(player.getState()).toMatchObject({ kind: 'ended', reason: 'resting' });
  expect(made[0]?.closed).toBe(true);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(0);
  expect(player.getState().kind).toBe('stale');
  expect(made).toHaveLength(2);
  hidden.mockRestore();
  player.stop();
});

test('a stopped player says and asks nothing more', async () => {
  const player = await playing();
  player.stop();
  made[0]?.drop();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(made).toHaveLength(1);
});

test.each([
  ['limit', 'says so', (socket: FakeSocket | undefined) => socket?.say({ type: 'end', code: 'limit' })],
  ['limit', 'only closes with the code', (socket: FakeSocket | undefined) => socket?.drop(4007)],
  ['transcode_limit', 'says so', (socket: FakeSocket | undefined) => socket?.say({ type: 'end', code: 'transcode_limit' })],
  ['transcode_limit', 'only closes with the code', (socket: FakeSocket | undefined) => socket?.drop(4009)],
  ['uplink_full', 'only closes with the code', (socket: FakeSocket | undefined) => socket?.drop(4010)],
])('where as much is shown as may be it is said, and asked again slowly: %s, the gateway %s', async (code, _, end) => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const player = await open();
  end(made.at(-1));
  expect(player.getState()).toMatchObject({ kind: 'refused', code });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(made).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(made).toHaveLength(2);
  player.stop();
  vi.restoreAllMocks();
});
