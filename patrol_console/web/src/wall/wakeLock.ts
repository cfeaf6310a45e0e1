/** Keeps a display awake while its window is seen, where the browser can (a page from https, or this machine's own). */
import { useEffect } from 'react';

export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let gone = false;

    async function ask(): Promise<void> {
      if (!('wakeLock' in navigator) || document.hidden) return;
      try {
        lock = await navigator.wakeLock.request('screen');
        if (gone) await lock.release();
      } catch {
        // low battery or forbidden: the display follows its own settings
      }
    }
    const again = () => void ask(); // the browser takes it back with each hiding
    void ask();
    document.addEventListener('visibilitychange', again);
    return () => {
      gone = true;
      document.removeEventListener('visibilitychange', again);
      void lock?.release().catch(() => {});
    };
  }, []);
}
