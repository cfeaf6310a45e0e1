/** WebRTC on trial, beside whatever shows the picture meanwhile: it wins with its first media, or says why it fell. */
import type { Opening } from './line';
import type { FallReason } from './state';
import { webRtcGaveNothing, webRtcWorks, withCodecs, worthWaiting } from './ways';
import { WhepLine } from './whepLine';

export class Trial {
  fell: FallReason | null = null; // why the picture does not come by WebRTC, until it is wished anew
  private candidate: WhepLine | null = null;

  constructor(
    private readonly won: (line: WhepLine) => void,
    private readonly lost: () => void,
  ) {}

  /** Whether a picture that nothing shows yet should wait for WebRTC. */
  worthIt(): boolean {
    if (this.fell === null && !worthWaiting(Date.now())) this.fell = 'no_media';
    return this.fell === null;
  }

  begin({ whepUrl, stunServers }: Opening, sound: boolean): void {
    this.cancel();
    if (whepUrl === null) return this.fall('off');
    const wish = { address: withCodecs(whepUrl, 'webrtc'), stunServers, sound };
    this.candidate = new WhepLine(wish, { onMedia: this.win, onFall: this.fall });
  }

  cancel(): void {
    this.candidate?.close();
    this.candidate = null;
  }

  /** It came to nothing, or stopped later. */
  readonly fall = (why: FallReason): void => {
    this.fell = why;
    this.candidate = null;
    if (why === 'no_media') webRtcGaveNothing(Date.now());
    this.lost();
  };

  private readonly win = (line: WhepLine): void => {
    this.candidate = null;
    webRtcWorks();
    this.won(line);
  };
}
