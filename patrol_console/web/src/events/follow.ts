/**
 * The page's side of the hub's events: takes them from the shared worker (or a line of its own where a browser has
 * no shared workers) and passes each to whoever asked. `useLineUp` is what the top bar shows.
 */
import { useSyncExternalStore } from 'react';
import { EventLine, type HubEvent, type LineWord } from './line';

type Listener = (word: LineWord) => void;

const listeners = new Set<Listener>();
let restart: (() => void) | null = null;
let lineUp = true; // nothing is said before the first attempt has failed

/** Begins to listen, once for the life of the page, when somebody is signed in. */
export function followEvents(): void {
  if (restart) return;
  restart = typeof SharedWorker === 'undefined' ? followAlone() : followShared();
}

/** After signing in or out: what may be seen has changed. */
export function restartEvents(): void {
  restart?.();
}

export function onLineWord(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function onHubEvent(listener: (event: HubEvent) => void): () => void {
  return onLineWord((word) => {
    if (word.kind === 'change') listener(word.event);
  });
}

export function useLineUp(): boolean {
  return useSyncExternalStore(onLineWord, () => lineUp);
}

function tellAll(word: LineWord): void {
  if (word.kind === 'line') lineUp = word.up;
  for (const listener of listeners) listener(word);
}

function followShared(): () => void {
  const worker = new SharedWorker(new URL('./shared.worker.ts', import.meta.url), { type: 'module', name: 'events' });
  worker.port.onmessage = (message: MessageEvent<LineWord>) => tellAll(message.data);
  window.addEventListener('pagehide', () => worker.port.postMessage('leave'));
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    worker.port.postMessage('join');
    tellAll({ kind: 'missed' });
  });
  return () => worker.port.postMessage('restart');
}

function followAlone(): () => void {
  const line = new EventLine(tellAll);
  line.restart();
  return () => line.restart();
}
