/** The height of an element as it changes, for a table that draws only the rows in sight. */
import { useCallback, useState } from 'react';

export function useHeight(): [(element: HTMLElement | null) => (() => void) | void, number] {
  const [height, setHeight] = useState(600);
  const measure = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => entry && setHeight(entry.contentRect.height));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [measure, height];
}
