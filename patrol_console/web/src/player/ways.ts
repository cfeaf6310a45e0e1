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

/**
 * `address` with the codecs that this browser plays that way: the gateway draws H.265 anew for those without it, and
 * sends a camera's AAC where it may be heard.
 */
export function withCodecs(address: string, way: 'mse' | 'webrtc'): string {
  const codecs = ['h264'];
  if (playsH265(way)) codecs.push('h265');
  if (way === 'mse' && plays('audio/mp4; codecs="mp4a.40.2"')) codecs.push('aac');
  return `${address}${address.includes('?') ? '&' : '?'}codecs=${codecs.join()}`;
}

function playsH265(way: 'mse' | 'webrtc'): boolean {
  if (way === 'mse') return plays('video/mp4; codecs="hvc1.1.6.L93.B0"');
  const known = typeof RTCRtpReceiver === 'undefined' ? null : RTCRtpReceiver.getCapabilities('video');
  return known?.codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/h265') ?? false;
}

function plays(type: string): boolean {
  return typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(type);
}
