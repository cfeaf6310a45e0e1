/** What a live picture can be. A union: a player is exactly one of these, and only `live` may look alive. */

/** Why the gateway ended the stream. */
export type EndCode =
  | 'revoked'
  | 'camera_removed'
  | 'ticket'
  | 'live_off'
  | 'no_consent'
  | 'camera_offline'
  | 'gateway_stopping';

export type RefusalCode = 'revoked' | 'camera_removed' | 'live_off' | 'no_consent' | 'forbidden';

export type PlayerState =
  | { kind: 'connecting'; since: number }
  | { kind: 'live'; since: number; codec: string; width: number; height: number }
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
