/** The texts that the gateway sends beside the picture (`/mse/{camera_id}`); anything else is ignored. */
import type { EndCode } from './state';

export type WireText =
  | { type: 'init'; codec: string; width: number; height: number }
  | { type: 'stale'; sinceMs: number }
  | { type: 'live' }
  | { type: 'end'; code: EndCode }
  | { type: 'dropped'; frames: number };

export function readText(text: string): WireText | null {
  let message: Record<string, unknown>;
  try {
    message = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
  switch (message.type) {
    case 'init':
      return { type: 'init', codec: String(message.codec), width: Number(message.width), height: Number(message.height) };
    case 'stale':
      return { type: 'stale', sinceMs: Number(message.since_ms) || 0 };
    case 'live':
      return { type: 'live' };
    case 'end':
      return { type: 'end', code: message.code as EndCode };
    case 'dropped':
      return { type: 'dropped', frames: Number(message.frames) || 0 };
    default:
      return null;
  }
}
