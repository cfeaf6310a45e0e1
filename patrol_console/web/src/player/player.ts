/**
 * One live picture on one video element: asks for a ticket, opens a line (MSE, or WebRTC for the picture in focus), and
 * says at each moment what the picture is worth (`PlayerState`). A class outside React: it outlives renders and is
 * started, nudged, rested and stopped by whoever owns the element. It reconnects by itself with growing pauses, each
 * time with a fresh ticket; a refusal by the console or the gateway ends the asking until `nudge()`. WebRTC that brings
 * no picture soon, or stops, gives way to MSE, and the state says why.
 */
import { Backoff } from './backoff';
import { watchHidden } from './hidden';
import { clear } from './lastPicture';
import type { EndWord, Format, Line, Opening, Way } from './line';
import { MseLine } from './mseLine';
import { isRefusal, TicketRefused, type PlayerState } from './state';
import { Told } from './told';
import { Trial } from './trial';
import { withCodecs } from './ways';
import { WhepLine } from './whepLine';

export interface Wish {
  way: Way;
  sound: boolean; // only where the console allows it
}

export type OpenTicket = (sound: boolean) => Promise<Opening>; // throws TicketRefused or any network error

const brokeAfterMs = 2000; // no frame by WebRTC for so long: MSE goes on with it
const stalledAfterMs = 3000; // no presented frame for so long: the picture is not live, whatever the line says
const rebuildAfterMs = 8000; // and still none: build the timeline anew
const watchEveryMs = 250;
const hiddenGraceMs = 5000; // a short look at another tab does not cost a reconnection

export class Player {
  private readonly told = new Told<PlayerState>({ kind: 'connecting', since: Date.now() });
  private readonly backoff = new Backoff(500, 6000);
  private readonly slowly = new Backoff(15_000, 60_000); // where too many look: a place may become free
  private line: Line | null = null;
  private readonly trial: Trial = new Trial((line) => this.adopt(line), () => this.byMse());
  private format: Format = { codec: '', width: 0, height: 0 };
  private attempt = 0; // grows with each connection: answers to an older one are ignored
  private running = false;
  private frames = 0;
  private shownAt = 0; // when the last frame was presented
  private heardAt = 0; // when the gateway last said anything
  private silent = false; // the gateway says that no media flows
  private retry: ReturnType<typeof setTimeout> | undefined;
  private unwatch = (): void => {};
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly openTicket: OpenTicket,
    private wish: Wish = { way: 'mse', sound: false },
  ) {
    video.muted = !wish.sound;
    video.playsInline = true;
    video.dataset.frames = '0';
  }

  readonly getState = this.told.get;
  readonly subscribe = this.told.subscribe;

  lagMs(): number {
    return this.line?.lagMs() ?? 0;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.unwatch = watchHidden(hiddenGraceMs, this.goToRest, this.wake);
    this.watch = setInterval(this.check, watchEveryMs);
    this.countFrames();
    this.connect();
  }

  stop(): void {
    this.running = false;
    this.unwatch();
    clearInterval(this.watch);
    this.disconnect();
    clear(this.video);
  }

  /** Something changed for the better (the camera is online again, a right was given): try at once. */
  nudge(): void {
    const { kind } = this.state;
    if (!this.running || document.hidden) return;
    if (kind === 'offline' || kind === 'refused' || (kind === 'stale' && this.line === null)) {
      this.backoff.reset();
      this.connect();
    }
  }

  /** Another wish. A picture that plays by MSE goes on until WebRTC has brought its first. */
  prefer(wish: Wish): void {
    if (wish.way === this.wish.way && wish.sound === this.wish.sound) return;
    this.wish = wish;
    this.trial.fell = null;
    this.video.muted = !wish.sound;
    if (!this.running || document.hidden) return;
    if (this.line?.way === 'mse' && this.state.kind === 'live' && wish.way === 'webrtc' && WhepLine.offered) this.tryWebRtc();
    else if (this.line || this.state.kind === 'connecting' || this.state.kind === 'stale') this.connect(); // one that is being opened too
  }

  private connect(): void {
    this.disconnect();
    if (this.frames === 0 && this.state.kind !== 'offline') this.become({ kind: 'connecting', since: Date.now() });
    if (this.wish.way === 'webrtc' && this.trial.worthIt()) this.tryWebRtc();
    else this.withTicket(({ mseUrl }) => this.listen(mseUrl));
  }

  private withTicket(go: (opening: Opening) => void): void {
    const attempt = this.attempt;
    this.openTicket(this.wish.sound).then(
      (opening) => {
        if (attempt === this.attempt && this.running) go(opening);
      },
      (error: unknown) => {
        if (attempt !== this.attempt || !this.running || this.line) return;
        if (!(error instanceof TicketRefused)) return this.lineLost();
        this.become({ kind: 'refused', code: error.code, detail: error.message });
        if (error.code === 'limit') this.retryLater(this.slowly);
      },
    );
  }

  private tryWebRtc(): void {
    this.withTicket((opening) => this.trial.begin(opening, this.wish.sound));
  }

  private adopt(line: WhepLine): void {
    this.line?.close();
    this.line = line;
    this.silent = false;
    this.shownAt = Date.now();
    line.attach(this.video);
  }

  /** WebRTC came to nothing, or stopped: by MSE then, unless that still plays. */
  private byMse(): void {
    if (this.line?.way !== 'mse') this.connect();
  }

  private listen(address: string): void {
    this.heardAt = Date.now();
    this.silent = false;
    this.line = new MseLine(this.video, withCodecs(address, 'mse'), {
      onFormat: (format) => {
        this.format = format;
        this.shownAt = Date.now(); // the stall clock of a new timeline starts now
      },
      onHeard: () => (this.heardAt = Date.now()),
      onSilent: (since) => {
        this.silent = since !== null;
        if (since !== null) this.goStale(since);
      },
      onEnd: (code) => this.end(code),
    });
  }

  private end(code: EndWord): void {
    this.disconnect();
    if (code === 'unsupported') this.become({ kind: 'ended', reason: 'unsupported', codec: this.format.codec });
    else if (code === 'camera_offline') this.become({ kind: 'offline', since: Date.now() });
    else if (code === null || !isRefusal(code)) return this.lineLost();
    else this.become({ kind: 'refused', code, detail: null });
    // The console knows whether a withdrawn one may be opened anew; its ticket is the answer.
    if (code === 'camera_offline' || code === 'revoked') this.retryLater();
    if (code === 'limit' || code === 'transcode_limit' || code === 'uplink_full') this.retryLater(this.slowly);
  }

  private lineLost(): void {
    this.disconnect();
    if (this.frames > 0) this.goStale(this.shownAt, true);
    this.retryLater();
  }

  private retryLater(pauses = this.backoff): void {
    clearTimeout(this.retry);
    if (this.running) this.retry = setTimeout(() => this.connect(), pauses.next());
  }

  private disconnect(): void {
    this.attempt += 1;
    clearTimeout(this.retry);
    this.trial.cancel();
    this.line?.close();
    this.line = null;
  }

  private countFrames(): void {
    this.video.requestVideoFrameCallback((_, frame) => {
      if (!this.running) return;
      this.frames += 1;
      this.shownAt = Date.now();
      this.video.dataset.frames = String(this.frames);
      this.line?.onFrame(frame);
      if (!this.silent && this.line) this.isLive(this.line);
      this.countFrames();
    });
  }

  private isLive(line: Line): void {
    const { state } = this;
    const { fell } = this.trial;
    if (state.kind === 'live' && state.way === line.way && state.fell === fell) return;
    this.backoff.reset();
    this.slowly.reset();
    if (line instanceof WhepLine) this.format = { codec: line.codec, width: this.video.videoWidth, height: this.video.videoHeight };
    this.become({ kind: 'live', since: this.shownAt, ...this.format, way: line.way, fell });
  }

  private readonly check = (): void => {
    if (document.hidden || !this.line) return;
    const now = Date.now();
    if (this.line.way === 'webrtc') {
      if (now - this.shownAt > brokeAfterMs) this.trial.fall('broke'); // MSE will say whether the camera is to blame
      return;
    }
    if (now - this.heardAt > rebuildAfterMs) return this.lineLost(); // a line that died without a word
    if (this.silent) return;
    if (this.state.kind === 'live' && now - this.shownAt > stalledAfterMs) this.goStale(this.shownAt);
    if (this.state.kind === 'stale' && now - this.shownAt > rebuildAfterMs) this.lineLost();
  };

  private goStale(since: number, reconnecting = false): void {
    const known = this.state.kind === 'stale' ? this.state.since : since;
    if (this.state.kind === 'stale' && this.state.reconnecting === reconnecting) return;
    this.become({ kind: 'stale', since: Math.min(known, since), reconnecting });
  }

  private readonly goToRest = (): void => {
    this.disconnect();
    this.become({ kind: 'ended', reason: 'resting', codec: this.format.codec });
  };

  private readonly wake = (): void => {
    if (this.state.kind !== 'ended' || this.state.reason !== 'resting') return;
    this.become(this.frames > 0 ? { kind: 'stale', since: this.shownAt, reconnecting: true } : { kind: 'connecting', since: Date.now() });
    this.connect();
  };

  private get state(): PlayerState {
    return this.told.get();
  }

  private become(state: PlayerState): void {
    this.told.set(state);
  }
}
