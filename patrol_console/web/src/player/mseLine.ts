/** Pictures by Media Source Extensions: the gateway's WebSocket on one side, a timeline on the element on the other. */
import { Feed } from './feed';
import { keepLastPicture } from './lastPicture';
import type { EndWord, Format, Line, LineEvents } from './line';
import { endOfClose } from './state';
import { readText } from './wire';

export class MseLine implements Line {
  readonly way = 'mse';
  private readonly socket: WebSocket;
  private feed: Feed | null = null;
  private open = true;

  constructor(
    private readonly video: HTMLVideoElement,
    address: string,
    private readonly events: LineEvents,
  ) {
    this.socket = new WebSocket(address);
    this.socket.binaryType = 'arraybuffer';
    this.socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (!this.open) return;
      events.onHeard();
      if (typeof event.data === 'string') this.onText(event.data);
      else this.feed?.push(event.data);
    };
    this.socket.onclose = (event) => this.end(endOfClose(event.code));
  }

  lagMs(): number {
    return this.feed?.lagMs() ?? 0;
  }

  onFrame(): void {} // the timeline knows how far behind it is

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.feed?.close();
    this.socket.close();
  }

  private onText(text: string): void {
    const message = readText(text);
    switch (message?.type) {
      case 'init':
        this.begin(message);
        break;
      case 'stale':
        this.events.onSilent(Date.now() - message.sinceMs);
        break;
      case 'live':
        this.events.onSilent(null);
        break;
      case 'end':
        this.end(message.code);
        break;
      default: // dropped frames leave a gap that the steering jumps over
    }
  }

  private begin({ codec, width, height }: Format): void {
    this.feed?.close();
    this.feed = null;
    this.events.onFormat({ codec, width, height });
    if (!Feed.plays(codec)) {
      this.end('unsupported');
      return;
    }
    keepLastPicture(this.video);
    this.video.srcObject = null; // a WebRTC picture that stood here gives way
    this.feed = new Feed(this.video, codec, () => this.end(null));
  }

  private end(code: EndWord): void {
    if (!this.open) return;
    this.close();
    this.events.onEnd(code);
  }
}
