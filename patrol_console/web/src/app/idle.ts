/** Whether nobody has moved the pointer or pressed a key for a while; what is not a picture may then go away. */
import { useEffect, useState } from 'react';

export function useIdle(afterMs: number, watched = true): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    if (!watched) {
      setIdle(false);
      return;
    }
    let timer: ReturnType<typeof setTimeout>;
    function stir(): void {
      clearTimeout(timer);
      setIdle(false);
      timer = setTimeout(() => setIdle(true), afterMs);
    }
    stir();
    const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'dragover'] as const;
    for (const sign of signs) document.addEventListener(sign, stir, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const sign of signs) document.removeEventListener(sign, stir);
    };
  }, [afterMs, watched]);
  return idle;
}
