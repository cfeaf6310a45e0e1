/**
 * Pictures by WebRTC: one offer to the gateway (WHEP), one answer, then media on one UDP port. The offer goes out at
 * once, without candidates: the gateway is ICE-lite and learns where we are from our first packet. No STUN server
 * unless the console names one. The element is not touched until media has come, so that a picture that stands there
 * by another line goes on meanwhile; no media in a second and a half, and this line says so and ends.
 */
import { keepLastPicture } from './lastPicture';
import type { Line } from './line';
import type { FallReason } from './state';

const mediaWithinMs = 1500; // the picture by MSE comes after it, and is to be there within three seconds

export interface WhepEvents {
  /** Media has come: `attach` puts it on the element. */
  onMedia: (line: WhepLine) => void;
  /** It did not come, or broke off later. */
  onFall: (reason: FallReason) => void;
}

export interface WhepWish {
  address: string;
  stunServers: readonly string[];
  sound: boolean;
}

export class WhepLine implements Line {
  readonly way = 'webrtc';
  codec = '';
  private readonly peer: RTCPeerConnection;
  private readonly media = new MediaStream();
  private session: string | null = null; // its address at the gateway: to end it there
  private video: HTMLVideoElement | null = null; // where its picture stands
  private behindMs = 0;
  private open = true;
  private readonly patience: ReturnType<typeof setTimeout>;

  constructor(
    wish: WhepWish,
    private readonly events: WhepEvents,
  ) {
    this.peer = new RTCPeerConnection({ iceServers: wish.stunServers.map((urls) => ({ urls })), bundlePolicy: 'max-bundle' });
    this.peer.addTransceiver('video', { direction: 'recvonly' });
    if (wish.sound) this.peer.addTransceiver('audio', { direction: 'recvonly' });
    this.peer.ontrack = ({ track, receiver }) => {
      this.media.addTrack(track);
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      if (track.kind === 'video') track.onunmute = this.mediaCame;
    };
    this.peer.onconnectionstatechange = () => {
      if (this.peer.connectionState === 'failed') this.fall('broke');
    };
    window.addEventListener('pagehide', this.close);
    this.patience = setTimeout(() => this.fall('no_media'), mediaWithinMs);
    this.offer(wish.address).catch(() => this.fall('refused'));
  }

  static get offered(): boolean {
    return typeof RTCPeerConnection !== 'undefined';
  }

  attach(video: HTMLVideoElement): void {
    keepLastPicture(video);
    this.video = video;
    video.srcObject = this.media;
    video.play().catch(() => {}); // a newer load interrupts it
  }

  lagMs(): number {
    return this.behindMs;
  }

  onFrame(frame: VideoFrameCallbackMetadata): void {
    if (frame.receiveTime) this.behindMs = Math.max(0, Math.round(frame.expectedDisplayTime - frame.receiveTime));
  }

  readonly close = (): void => {
    if (!this.open) return;
    this.open = false;
    clearTimeout(this.patience);
    window.removeEventListener('pagehide', this.close);
    if (this.video) keepLastPicture(this.video); // it is gone with the connection
    this.peer.close();
    this.goodbye();
  };

  private async offer(address: string): Promise<void> {
    await this.peer.setLocalDescription();
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: this.peer.localDescription?.sdp ?? '',
      credentials: 'omit',
    });
    const location = answer.headers.get('Location');
    if (location) this.session = new URL(location, address).href;
    if (!this.open) return this.goodbye(); // closed while the answer was under way
    if (answer.status !== 201) throw new Error(String(answer.status));
    const sdp = await answer.text();
    this.codec = / H265\/90000/.test(sdp) ? 'hvc1' : 'avc1';
    await this.peer.setRemoteDescription({ type: 'answer', sdp });
  }

  private goodbye(): void {
    const session = this.session;
    this.session = null;
    if (session) fetch(session, { method: 'DELETE', keepalive: true, credentials: 'omit' }).catch(() => {}); // it notices by itself
  }

  private readonly mediaCame = (): void => {
    if (!this.open) return;
    clearTimeout(this.patience);
    this.events.onMedia(this);
  };

  private fall(reason: FallReason): void {
    if (!this.open) return;
    this.close();
    this.events.onFall(reason);
  }
}
