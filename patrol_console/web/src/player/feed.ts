/**
 * One timeline of pictures: a MediaSource on a video element, from one init segment until the next.
 * Holds fragments that wait (joined into one append; at most eight seconds, then the oldest give way to the next
 * keyframe by starting anew), steers playback after each append, and never knows about networks or tickets.
 */
import { steer, type Buffered } from './steering';

const waitingLimitBytes = 16 * 1024 * 1024;
const cushionStepS = 0.08;
const cushionMostS = 0.8;
const soundCushionS = 0.16; // a frame of sound comes when it is over, up to 128 ms after its begin
const startingMs = 2000;

export class Feed {
  private readonly source = new MediaSource();
  private readonly url = URL.createObjectURL(this.source);
  private buffer: SourceBuffer | null = null;
  private waiting: ArrayBuffer[] = [];
  private waitingBytes = 0;
  private cushionS = 0;
  private closed = false;
  private firstAppendAt = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    codec: string,
    private readonly onFailure: () => void,
  ) {
    if (codec.includes('mp4a')) this.cushionS = soundCushionS;
    this.source.addEventListener('sourceopen', () => this.open(`video/mp4; codecs="${codec}"`), { once: true });
    video.addEventListener('waiting', this.ranDry);
    video.addEventListener('error', this.fail);
    video.src = this.url;
  }

  static plays(codec: string): boolean {
    return typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(`video/mp4; codecs="${codec}"`);
  }

  push(segment: ArrayBuffer): void {
    this.waiting.push(segment);
    this.waitingBytes += segment.byteLength;
    if (this.waitingBytes > waitingLimitBytes) this.fail();
    else this.append();
  }

  /** How far playback is behind the newest frame, in milliseconds. */
  lagMs(): number {
    const last = this.ranges().at(-1);
    return last ? Math.max(0, Math.round((last.end - this.video.currentTime) * 1000)) : 0;
  }

  /** Leaves the last picture on the element; the next feed replaces it. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.waiting = [];
    this.video.removeEventListener('waiting', this.ranDry);
    this.video.removeEventListener('error', this.fail);
    URL.revokeObjectURL(this.url);
  }

  private open(type: string): void {
    if (this.closed) return;
    this.source.duration = Infinity;
    this.buffer = this.source.addSourceBuffer(type);
    this.buffer.mode = 'segments';
    this.buffer.addEventListener('updateend', this.appended);
    this.append();
  }

  private append(): void {
    if (this.closed || !this.buffer || this.buffer.updating || this.waiting.length === 0) return;
    const joined = join(this.waiting, this.waitingBytes);
    this.waiting = [];
    this.waitingBytes = 0;
    try {
      this.buffer.appendBuffer(joined);
    } catch {
      this.fail(); // quota exceeded or the source was closed by a decoding error
    }
  }

  private readonly appended = (): void => {
    if (this.closed || !this.buffer || this.buffer.updating) return;
    const ranges = this.ranges();
    if (ranges.length > 0 && this.firstAppendAt === 0) this.firstAppendAt = performance.now();
    const starting = performance.now() - this.firstAppendAt < startingMs;
    const next = steer(this.video.currentTime, ranges, this.cushionS, starting);
    if (next.seekTo !== null) this.video.currentTime = next.seekTo;
    if (this.video.playbackRate !== next.rate) this.video.playbackRate = next.rate;
    if (ranges.length > 0 && this.video.paused) this.video.play().catch(() => {}); // a newer load interrupts it
    if (next.trimTo !== null) this.buffer.remove(0, next.trimTo);
    else this.append();
  };

  private readonly ranDry = (): void => {
    if (this.firstAppendAt > 0) this.cushionS = Math.min(cushionMostS, this.cushionS + cushionStepS);
  };

  private readonly fail = (): void => {
    if (this.closed) return;
    this.close();
    this.onFailure();
  };

  private ranges(): Buffered[] {
    if (!this.buffer || this.source.readyState !== 'open') return [];
    const found = this.buffer.buffered;
    return Array.from({ length: found.length }, (_, i) => ({ start: found.start(i), end: found.end(i) }));
  }
}

function join(parts: readonly ArrayBuffer[], bytes: number): ArrayBuffer {
  if (parts.length === 1 && parts[0]) return parts[0];
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    all.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return all.buffer;
}
