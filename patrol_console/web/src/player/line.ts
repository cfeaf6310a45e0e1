/** One way by which pictures come to a video element, from its opening to its end. Lines never reconnect; the player does. */
import type { EndCode } from './state';

export type Way = 'mse' | 'webrtc';

export interface Format {
  codec: string;
  width: number;
  height: number;
}

/** The gateway's word, `unsupported` for a codec that this browser cannot play, null where nobody said why. */
export type EndWord = EndCode | 'unsupported' | null;

export interface LineEvents {
  /** What the pictures that follow are. */
  onFormat: (format: Format) => void;
  /** The gateway said anything at all. */
  onHeard: () => void;
  /** The camera sends nothing since then (ms since 1970); null: it does again. */
  onSilent: (since: number | null) => void;
  /** It is over. */
  onEnd: (word: EndWord) => void;
}

export interface Line {
  readonly way: Way;
  /** How far the picture is behind, in milliseconds, as far as this browser can tell. */
  lagMs: () => number;
  /** A frame was shown. */
  onFrame: (frame: VideoFrameCallbackMetadata) => void;
  /** Ends it without a word to its owner; the last picture stays on the element. */
  close: () => void;
}

/** Where a live picture may be opened: once, by one of the two. */
export interface Opening {
  mseUrl: string;
  whepUrl: string | null; // null: the gateway offers no WebRTC
  stunServers: readonly string[];
}
