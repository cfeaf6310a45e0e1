/** What a live picture can be. A union: a player is exactly one of these, and only `live` may look alive. */

/** Why the gateway ended the stream. */
export type EndCode =
  | 'revoked'
  | 'camera_removed'
  | 'ticket'
  | 'live_off'
  | 'no_consent'
  | 'camera_offline'
  | 'gateway_stopping'
  | 'limit' // too many look already, here or at this camera
  | 'unplayable' // not by WebRTC in this browser
  | 'transcode_limit' // it has to be drawn anew, and as much is as may be
  | 'uplink_full'; // the camera's line has no place, and all who have one are watched

/** Why a picture that was wished by WebRTC comes by MSE. */
export type FallReason =
  | 'off' // the gateway offers none
  | 'refused' // it did not take the offer
  | 'no_media' // no picture within two seconds: mostly a firewall that lets no UDP through
  | 'broke'; // it came and stopped

export type RefusalCode =
  | 'revoked'
  | 'camera_removed'
  | 'live_off'
  | 'no_consent'
  | 'forbidden'
  | 'limit'
  | 'transcode_limit'
  | 'uplink_full';

const refusals: readonly string[] = ['revoked', 'camera_removed', 'live_off', 'no_consent', 'limit', 'transcode_limit', 'uplink_full'] satisfies RefusalCode[];

export function isRefusal(code: EndCode): code is EndCode & RefusalCode {
  return refusals.includes(code);
}

/** The gateway's words in the order of its close codes, 4000 upward: the code says it where the text was lost. */
const endCodes: readonly EndCode[] = [
  'revoked',
  'camera_removed',
  'ticket',
  'live_off',
  'no_consent',
  'camera_offline',
  'gateway_stopping',
  'limit',
  'unplayable',
  'transcode_limit',
  'uplink_full',
];

export function endOfClose(code: number | undefined): EndCode | null {
  return endCodes[(code ?? 0) - 4000] ?? null;
}

export type PlayerState =
  | { kind: 'connecting'; since: number }
  | { kind: 'live'; since: number; codec: string; width: number; height: number; way: 'mse' | 'webrtc'; fell: FallReason | null }
  | { kind: 'stale'; since: number; reconnecting: boolean } // since: when the last picture was shown
  | { kind: 'offline'; since: number }
  | { kind: 'refused'; code: RefusalCode; detail: string | null }
  | { kind: 'ended'; reason: 'resting' | 'unsupported'; codec: string };

/** A ticket that was not given: the console's word, so there is no use in asking again at once. */
export class TicketRefused extends Error {
  constructor(
    readonly code: RefusalCode,
    detail: string,
  ) {
    super(detail);
    this.name = 'TicketRefused';
  }
}
