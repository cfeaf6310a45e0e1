/**
 * One live picture on one video element: asks for a ticket, opens the gateway's WebSocket, feeds the element, and
 * says at each moment what the picture is worth (`PlayerState`). A class outside React: it outlives renders and is
 * started, nudged, rested and stopped by whoever owns the element. It reconnects by itself with growing pauses,
 * each time with a fresh ticket; a refusal by the console or the gateway ends the asking until `nudge()`.
 */
import { Backoff } from './backoff';
import { Feed } from './feed';
import { endOfClose, TicketRefused, type EndCode, type PlayerState } from './state';
import { readText } from './wire';

export type OpenTicket = () => Promise<string>; // the address to open, ticket within; throws TicketRefused or any network error

const stalledAfterMs = 3000; // no presented frame for so long: the picture is not live, whatever the line says
const rebuildAfterMs = 8000; // and still none: build the timeline anew
const watchEveryMs = 500;
const hiddenGraceMs = 5000; // a short look at another tab does not cost a reconnection

export class Player {
  private state: PlayerState = { kind: 'connecting', since: Date.now() };
  private readonly watchers = new Set<() => void>();
  private readonly backoff = new Backoff(500, 6000);
  private readonly slowly = new Backoff(15_000, 60_000); // where too many look: a place may become free
  private socket: WebSocket | null = null;
  private feed: Feed | null = null;
  private format = { codec: '', width: 0, height: 0 };
  private attempt = 0; // grows with each connection: answers to an older one are ignored
  private running = false;
  private frames = 0;
  private shownAt = 0; // when the last frame was presented
  private heardAt = 0; // when the gateway last said anything
  private silent = false; // the gateway says that no media flows
  private retry: ReturnType<typeof setTimeout> | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly openTicket: OpenTicket,
  ) {
    video.muted = true;
    video.playsInline = true;
    video.dataset.frames = '0';
  }

  readonly getState = (): PlayerState => this.state;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };

  lagMs(): number {
    return this.feed?.lagMs() ?? 0;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    document.addEventListener('visibilitychange', this.onVisibility);
    this.watch = setInterval(this.check, watchEveryMs);
    this.countFrames();
    this.connect();
  }

  stop(): void {
    this.running = false;
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearInterval(this.watch);
    clearTimeout(this.rest);
    this.disconnect();
    this.feed?.close();
    this.feed = null;
    this.video.removeAttribute('src');
    this.video.load();
  }

  /** Something changed for the better (the camera is online again, a right was given): try at once. */
  nudge(): void {
    const { kind } = this.state;
    if (!this.running || document.hidden) return;
    if (kind === 'offline' || kind === 'refused' || (kind === 'stale' && this.socket === null)) {
      this.backoff.reset();
      this.connect();
    }
  }

  private connect(): void {
    this.disconnect();
    const attempt = this.attempt;
    if (this.frames === 0 && this.state.kind !== 'offline') this.become({ kind: 'connecting', since: Date.now() });
    this.openTicket().then(
      (address) => {
        if (attempt === this.attempt && this.running) this.listen(address);
      },
      (error: unknown) => {
        if (attempt !== this.attempt || !this.running) return;
        if (!(error instanceof TicketRefused)) return this.lineLost();
        this.become({ kind: 'refused', code: error.code, detail: error.message });
        if (error.code === 'limit') this.retryLater(this.slowly);
      },
    );
  }

  private listen(address: string): void {
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.heardAt = Date.now();
    this.silent = false;
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (this.socket !== socket) return;
      this.heardAt = Date.now();
      if (typeof event.data === 'string') this.onText(event.data);
      else this.onSegment(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.end(endOfClose(event.code));
    };
  }

  private onText(text: string): void {
    const message = readText(text);
    switch (message?.type) {
      case 'init':
        this.begin(message.codec, message.width, message.height);
        break;
      case 'stale':
        this.silent = true;
        this.goStale(Date.now() - message.sinceMs);
        break;
      case 'live':
        this.silent = false;
        break;
      case 'end':
        this.end(message.code);
        break;
      default: // dropped frames leave a gap that the steering jumps over
    }
  }

  private begin(codec: string, width: number, height: number): void {
    this.feed?.close();
    this.format = { codec, width, height };
    if (!Feed.plays(codec)) {
      this.disconnect();
      this.become({ kind: 'ended', reason: 'unsupported', codec });
      return;
    }
    this.shownAt = Date.now(); // the stall clock of a new timeline starts now
    this.feed = new Feed(this.video, codec, () => this.lineLost());
  }

  private onSegment(segment: ArrayBuffer): void {
    this.silent = false;
    this.feed?.push(segment);
  }

  private end(code: EndCode | null): void {
    this.disconnect();
    switch (code) {
      case 'camera_offline':
        this.become({ kind: 'offline', since: Date.now() });
        this.retryLater();
        break;
      case 'live_off':
      case 'no_consent':
      case 'camera_removed':
        this.become({ kind: 'refused', code, detail: null });
        break;
      case 'limit':
      case 'transcode_limit':
      case 'uplink_full':
      case 'revoked': // the console knows whether it may be opened anew; its ticket is the answer
        this.become({ kind: 'refused', code, detail: null });
        this.retryLater(code === 'revoked' ? this.backoff : this.slowly);
        break;
      default:
        this.lineLost();
    }
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
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private countFrames(): void {
    this.video.requestVideoFrameCallback(() => {
      if (!this.running) return;
      this.frames += 1;
      this.shownAt = Date.now();
      this.video.dataset.frames = String(this.frames);
      if (!this.silent && this.socket && this.state.kind !== 'live') {
        this.backoff.reset();
        this.slowly.reset();
        this.become({ kind: 'live', since: this.shownAt, ...this.format });
      }
      this.countFrames();
    });
  }

  private readonly check = (): void => {
    if (document.hidden || !this.socket) return;
    const now = Date.now();
    if (now - this.heardAt > rebuildAfterMs) return this.lineLost(); // a line that died without a word
    if (this.silent) return;
    if (this.state.kind === 'live' && now - this.shownAt > stalledAfterMs) this.goStale(this.shownAt);
    if (this.state.kind === 'stale' && now - this.shownAt > rebuildAfterMs && this.feed) this.lineLost();
  };

  private goStale(since: number, reconnecting = false): void {
    const known = this.state.kind === 'stale' ? this.state.since : since;
    if (this.state.kind === 'stale' && this.state.reconnecting === reconnecting) return;
    this.become({ kind: 'stale', since: Math.min(known, since), reconnecting });
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.rest);
    if (document.hidden) {
      this.rest = setTimeout(() => {
        this.disconnect();
        this.become({ kind: 'ended', reason: 'resting', codec: this.format.codec });
      }, hiddenGraceMs);
    } else if (this.state.kind === 'ended' && this.state.reason === 'resting') {
      this.become(this.frames > 0 ? { kind: 'stale', since: this.shownAt, reconnecting: true } : { kind: 'connecting', since: Date.now() });
      this.connect();
    }
  };

  private become(state: PlayerState): void {
    this.state = state;
    for (const changed of this.watchers) changed();
  }
}
