/**
 * Which way a picture should come, and what this browser can play. WebRTC is for the one picture in focus; where it gave
 * nothing lately (a firewall between), the next picture does not wait for it again.
 */
import { WhepLine } from './whepLine';

const avoidMs = 5 * 60_000;
let gaveNothingAt = -Infinity;

export function webRtcGaveNothing(now: number): void {
  gaveNothingAt = now;
}

export function webRtcWorks(): void {
  gaveNothingAt = -Infinity;
}

/** Whether a picture may wait for WebRTC before it is tried by MSE. */
export function worthWaiting(now: number): boolean {
  return WhepLine.offered && now - gaveNothingAt > avoidMs;
}

/** `address` with the codecs that this browser plays that way: the gateway draws H.265 anew for those without it. */
export function withCodecs(address: string, way: 'mse' | 'webrtc'): string {
  const codecs = playsH265(way) ? 'h264,h265' : 'h264';
  return `${address}${address.includes('?') ? '&' : '?'}codecs=${codecs}`;
}

function playsH265(way: 'mse' | 'webrtc'): boolean {
  if (way === 'mse') return typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"');
  const known = typeof RTCRtpReceiver === 'undefined' ? null : RTCRtpReceiver.getCapabilities('video');
  return known?.codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/h265') ?? false;
}
