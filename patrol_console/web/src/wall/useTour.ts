/** A tour for as long as a wall wants one: ticks four times a second, steps, and says when to get the next group ready. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { fill, type Layout, type Slots } from './arrangement';
import { Tour } from './tour';

const tickMs = 250;

interface Props {
  dwellS: number | null; // null: no tour
  held: boolean; // paused, enlarged, dragging
  list: Slots;
  layout: Layout;
  page: number;
  groups: number;
  next: number; // the group that follows
  onStep: () => void;
}

export interface RunningTour {
  tour: Tour;
  ahead: Slots | null; // the next group, when it is to be got ready
}

export function useTour({ dwellS, held, list, layout, page, groups, next, onStep }: Props): RunningTour | null {
  const latest = useRef({ held, onStep });
  useEffect(() => {
    latest.current = { held, onStep };
  });
  const runs = dwellS !== null && groups > 1;
  const tour = useMemo(() => (runs ? new Tour(dwellS * 1000, () => latest.current.onStep()) : null), [runs, dwellS]);

  useEffect(() => {
    if (!tour) return;
    const timer = setInterval(() => tour.tick(performance.now(), latest.current.held || document.hidden), tickMs);
    return () => clearInterval(timer);
  }, [tour]);
  useEffect(() => tour?.begin(), [tour, page, layout]);

  const isAhead = useSyncExternalStore(tour?.subscribe ?? nothing, () => tour?.getView().ahead ?? false);
  const ahead = useMemo(() => (isAhead ? fill(list, layout, next) : null), [isAhead, list, layout, next]);
  return tour && { tour, ahead };
}

function nothing(): () => void {
  return () => {};
}
