/** Whether the frame is put away for the pictures (F). Follows the browser's own full screen where there is one. */
import { useSyncExternalStore } from 'react';

let away = false;
const watchers = new Set<() => void>();

function set(value: boolean): void {
  away = value;
  for (const changed of watchers) changed();
}

document.addEventListener('fullscreenchange', () => {
  if (!document.fullscreenElement) set(false);
});

export function useChromeless(): boolean {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => away,
  );
}

export function putChromeAway(): void {
  set(true);
  document.documentElement.requestFullscreen?.().catch(() => {}); // refused without a gesture: the frame is away all the same
}

export function bringChromeBack(): void {
  set(false);
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}

export function toggleChrome(): void {
  if (away) bringChromeBack();
  else putChromeAway();
}
