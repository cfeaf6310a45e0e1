/** The view of one plan: its size as laid out, what part is seen, and the hands on it (wheel, drag, buttons, keys). */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type PointerEvent as ReactPointerEvent } from 'react';
import type { Metres } from './projection';
import { fit, pan, toMetres, zoom, type Px, type Size, type View } from './view';

const clickPx = 4; // a hand that trembles this little has clicked
const wheelStep = 1.2;

export interface Hands {
  onPointerDown: (event: ReactPointerEvent<SVGSVGElement>) => void;
  onPointerMove: (event: ReactPointerEvent<SVGSVGElement>) => void;
  onPointerUp: (event: ReactPointerEvent<SVGSVGElement>) => void;
}

export function usePlanView(points: readonly Metres[], onPlace: (at: Metres) => void) {
  const svg = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [view, setView] = useState<View | null>(null);
  const drag = useRef<{ from: Px; last: Px; point: boolean; moved: boolean } | null>(null);

  useLayoutEffect(() => {
    const box = svg.current;
    if (!box) return;
    const measure = () => setSize({ width: box.clientWidth, height: box.clientHeight });
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);

  const all = useCallback(() => setView(fit(points, size)), [points, size]);
  useEffect(() => {
    if (view === null && size.width > 0) all();
  }, [view, size, all]);

  const zoomBy = useCallback((factor: number, at?: Px) => setView((now) => now && zoom(now, factor, at ?? { left: size.width / 2, top: size.height / 2 }, size)), [size]);

  useEffect(() => {
    const box = svg.current;
    if (!box) return;
    const turned = (event: WheelEvent) => {
      event.preventDefault(); // the dialog must not scroll along; React's own listener cannot prevent it
      zoomBy(event.deltaY > 0 ? wheelStep : 1 / wheelStep, pxOf(event, box));
    };
    box.addEventListener('wheel', turned, { passive: false });
    return () => box.removeEventListener('wheel', turned);
  }, [zoomBy]);

  const hands: Hands = {
    onPointerDown(event) {
      if (event.button !== 0) return;
      const from = pxOf(event, event.currentTarget);
      const point = event.target instanceof Element && event.target.closest('[data-held]') !== null;
      drag.current = { from, last: from, point, moved: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove(event) {
      const held = drag.current;
      if (!held || !view) return;
      const now = pxOf(event, event.currentTarget);
      if (Math.hypot(now.left - held.from.left, now.top - held.from.top) > clickPx) held.moved = true;
      if (!held.moved) return;
      if (held.point) onPlace(toMetres(now, view, size));
      else setView(pan(view, now.left - held.last.left, now.top - held.last.top));
      held.last = now;
    },
    onPointerUp(event) {
      const held = drag.current;
      drag.current = null;
      if (held && view && !held.moved && !held.point) onPlace(toMetres(pxOf(event, event.currentTarget), view, size));
    },
  };
  return { svg, size, view, hands, zoomBy, all };
}

function pxOf(event: { clientX: number; clientY: number }, box: Element): Px {
  const { left, top } = box.getBoundingClientRect();
  return { left: event.clientX - left, top: event.clientY - top };
}
