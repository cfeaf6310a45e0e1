/** WebRTC for the picture in focus: it is tried, it wins or it falls, and the state says which. No real media here. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Opening } from './line';
import { Player } from './player';
import { webRtcWorks } from './ways';

class FakePeer {
  static made: FakePeer[] = [];
  connectionState = 'new';
  localDescription: { sdp: string } | null = null;
  answered = '';
  closed = false;
  kinds: string[] = [];
  ontrack: ((event: unknown) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  private track = { kind: 'video', onunmute: null as (() => void) | null };
  constructor(readonly configuration: RTCConfiguration) {
    FakePeer.made.push(this);
  }
  addTransceiver(kind: string): void {
    this.kinds.push(kind);
  }
  async setLocalDescription(): Promise<void> {
    this.localDescription = { sdp: 'v=0 offer' };
  }
  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.answered = sdp;
    this.ontrack?.({ track: this.track, receiver: {} });
  }
  close(): void {
    this.closed = true;
  }
  mediaComes(): void {
    this.track.onunmute?.();
  }
  fail(): void {
    this.connectionState = 'failed';
    this.onconnectionstatechange?.();
  }
}

class FakeSocket {
  static made: FakeSocket[] = [];
  binaryType = '';
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code?: number }) => void) | null = null;
  closed = false;
  constructor(readonly address: string) {
    FakeSocket.made.push(this);
  }
  close(): void {
    this.closed = true;
  }
  play(): void {
    this.onmessage?.({ data: JSON.stringify({ type: 'init', codec: 'avc1.4d401f', width: 640, height: 360 }) });
    this.onmessage?.({ data: new ArrayBuffer(8) });
  }
}

class FakeSource extends EventTarget {
  static isTypeSupported = () => true;
  readyState = 'closed';
}

let video: HTMLVideoElement;
let present: () => void;
let opening: Opening;
let sounds: boolean[];
let asked: { url: string; method: string }[];
let status: number;

beforeEach(() => {
  vi.useFakeTimers();
  webRtcWorks();
  FakePeer.made = [];
  FakeSocket.made = [];
  asked = [];
  sounds = [];
  status = 201;
  opening = { mseUrl: 'ws://gateway/mse/c1?ticket=m', whepUrl: 'http://gateway/whep/c1?ticket=w', stunServers: [] };
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('MediaStream', class { addTrack(): void {} });
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('MediaSource', FakeSource);
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, method: init.method ?? 'GET' });
    return { status, headers: new Headers({ Location: '/whep/c1/s1' }), text: async () => 'a=rtpmap:102 H264/90000' };
  });
  URL.createObjectURL = () => 'blob:here';
  URL.revokeObjectURL = () => {};
  video = document.createElement('video');
  video.load = () => {};
  video.play = async () => {};
  let waiting: (() => void)[] = [];
  video.requestVideoFrameCallback = (callback) => waiting.push(() => callback(0, { receiveTime: 5, expectedDisplayTime: 25 } as VideoFrameCallbackMetadata));
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

async function focused(sound = false): Promise<Player> {
  const player = new Player(
    video,
    async (wanted) => {
      sounds.push(wanted);
      return opening;
    },
    { way: 'webrtc', sound },
  );
  player.start();
  await vi.advanceTimersByTimeAsync(0);
  return player;
}

test('the picture in focus comes by WebRTC, asks no STUN server, and says how far behind it is', async () => {
  const player = await focused();
  expect(asked).toEqual([{ url: 'http://gateway/whep/c1?ticket=w&codecs=h264', method: 'POST' }]);
  expect(FakePeer.made[0]?.configuration.iceServers).toEqual([]);
  expect(FakePeer.made[0]?.kinds).toEqual(['video']);
  FakePeer.made[0]?.mediaComes();
  present();
  expect(player.getState()).toMatchObject({ kind: 'live', way: 'webrtc', fell: null, codec: 'avc1' });
  present();
  expect(player.lagMs()).toBe(20);
  player.stop();
});

test('no media within a second and a half: by MSE, and why', async () => {
  const player = await focused();
  await vi.advanceTimersByTimeAsync(1400);
  expect(FakeSocket.made).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(150);
  expect(FakePeer.made[0]?.closed).toBe(true);
  FakeSocket.made[0]?.play();
  present();
  expect(player.getState()).toMatchObject({ kind: 'live', way: 'mse', fell: 'no_media' });
  player.stop();
});

test('where WebRTC gave nothing the next picture does not wait for it', async () => {
  const first = await focused();
  await vi.advanceTimersByTimeAsync(2100);
  first.stop();
  const next = await focused();
  expect(FakePeer.made).toHaveLength(1);
  expect(FakeSocket.made).toHaveLength(2);
  next.stop();
});

test('media that stops for two seconds is gone on with by MSE', async () => {
  const player = await focused();
  FakePeer.made[0]?.mediaComes();
  present();
  await vi.advanceTimersByTimeAsync(2500);
  FakeSocket.made[0]?.play();
  present();
  expect(player.getState()).toMatchObject({ kind: 'live', way: 'mse', fell: 'broke' });
  player.stop();
});

test('an offer that is not taken is no reason to wait', async () => {
  status = 503;
  const player = await focused();
  expect(FakeSocket.made).toHaveLength(1);
  FakeSocket.made[0]?.play();
  present();
  expect(player.getState()).toMatchObject({ way: 'mse', fell: 'refused' });
  player.stop();
});

test('a gateway without WebRTC is asked by MSE at once', async () => {
  opening = { ...opening, whepUrl: null };
  const player = await focused();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.made[0]?.play();
  present();
  expect(player.getState()).toMatchObject({ way: 'mse', fell: 'off' });
  player.stop();
});

test('a pane that is enlarged plays on by MSE until WebRTC has media', async () => {
  const player = new Player(video, async () => opening);
  player.start();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.made[0]?.play();
  present();
  player.prefer({ way: 'webrtc', sound: false });
  await vi.advanceTimersByTimeAsync(0);
  expect(FakeSocket.made[0]?.closed).toBe(false);
  FakePeer.made[0]?.mediaComes();
  expect(FakeSocket.made[0]?.closed).toBe(true);
  present();
  expect(player.getState()).toMatchObject({ kind: 'live', way: 'webrtc' });
  player.stop();
});

test('… and plays on undisturbed where WebRTC brings nothing', async () => {
  const player = new Player(video, async () => opening);
  player.start();
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.made[0]?.play();
  present();
  player.prefer({ way: 'webrtc', sound: false });
  for (let i = 0; i < 5; i += 1) {
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.made[0]?.play();
    present();
  }
  expect(FakeSocket.made).toHaveLength(1);
  expect(player.getState()).toMatchObject({ kind: 'live', way: 'mse', fell: 'no_media' });
  player.stop();
});

test('who goes tells the gateway, also where the answer comes after', async () => {
  const player = await focused();
  player.stop();
  expect(asked.at(-1)).toEqual({ url: 'http://gateway/whep/c1/s1', method: 'DELETE' });
});

test('sound is asked of the console and unmuted only when wished', async () => {
  const silent = await focused();
  expect(sounds).toEqual([false]);
  expect(video.muted).toBe(true);
  silent.prefer({ way: 'webrtc', sound: true });
  expect(video.muted).toBe(false);
  silent.stop();
  const loud = await focused(true);
  expect(sounds.at(-1)).toBe(true);
  expect(FakePeer.made.at(-1)?.kinds).toEqual(['video', 'audio']);
  loud.stop();
});

test('a pane that is enlarged while its ticket is on the way comes by WebRTC', async () => {
  const player = new Player(video, async () => opening);
  player.start();
  player.prefer({ way: 'webrtc', sound: false });
  await vi.advanceTimersByTimeAsync(0);
  expect([FakePeer.made.length, FakeSocket.made.length]).toEqual([1, 0]);
  player.stop();
});
