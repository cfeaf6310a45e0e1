/**
 * The tour (轮巡): shows one group for its dwell, then the next, without end. Outside React and without a clock of its
 * own: whoever owns it calls `tick` with the time. Time counts only while nothing holds it (a pause by the person, an
 * enlarged pane, a drag, a hidden page). Says two things: that the next group should be got ready, and that it is due.
 */
import type { Camera } from '../api/nouns';
import { fill, groupsOf, type Layout, type Slots } from './arrangement';

export const dwells = [5, 10, 15, 30, 60] as const; // s
export const leastDwellS = 3;
export const mostDwellS = 3600;
const aheadMs = 2500; // a player has its first picture well within

export interface TourView {
  remainingS: number;
  ahead: boolean; // the next group is to be got ready
}

export class Tour {
  private spentMs = 0;
  private lastAt: number | null = null;
  private view: TourView;
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly dwellMs: number,
    private readonly onDue: () => void,
  ) {
    this.view = { remainingS: Math.ceil(dwellMs / 1000), ahead: false };
  }

  readonly getView = (): TourView => this.view;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  };

  /** Time goes on; `held`: it does not count. A computer that slept is not owed the steps that it missed. */
  tick(nowMs: number, held: boolean): void {
    const passed = this.lastAt === null ? 0 : Math.max(0, nowMs - this.lastAt);
    this.lastAt = nowMs;
    if (!held) this.spentMs += passed;
    const due = this.spentMs >= this.dwellMs;
    if (due) this.spentMs = 0;
    this.show();
    if (due) this.onDue();
  }

  /** The group was changed by hand: it has its whole dwell. */
  begin(): void {
    this.spentMs = 0;
    this.show();
  }

  private show(): void {
    const leftMs = this.dwellMs - this.spentMs;
    const view = { remainingS: Math.ceil(leftMs / 1000), ahead: this.spentMs > 0 && leftMs <= aheadMs };
    if (view.remainingS === this.view.remainingS && view.ahead === this.view.ahead) return;
    this.view = view;
    for (const changed of this.watchers) changed();
  }
}

/** An area's cameras for one round of a tour: those that are down are left out where that is wished, unless all are. */
export function roundOf(list: Slots, byId: ReadonlyMap<string, Camera>, skipOffline: boolean): Slots {
  if (!skipOffline) return list;
  const up = list.filter((id) => isUp(id, byId));
  return up.length > 0 ? up : list;
}

/** The group that a tour shows next. A choice of one's own stays as it was laid out: only groups wholly down are passed over. */
export function following(group: number, list: Slots, layout: Layout, byId: ReadonlyMap<string, Camera>, skipOffline: boolean): number {
  const groups = groupsOf(list.length, layout);
  const next = stepped(group, 1, groups);
  if (!skipOffline) return next;
  for (let tried = next; tried !== group; tried = stepped(tried, 1, groups)) {
    if (fill(list, layout, tried).some((id) => isUp(id, byId))) return tried;
  }
  return next;
}

function isUp(id: string | null, byId: ReadonlyMap<string, Camera>): boolean {
  const state = id === null ? undefined : byId.get(id)?.state;
  return state === 'online' || state === 'degraded';
}

export function readDwell(text: string | null): number | null {
  const seconds = Number(text);
  return text !== null && Number.isInteger(seconds) && seconds >= leastDwellS && seconds <= mostDwellS ? seconds : null;
}

/** The group after (or before) this one, around the end. */
export function stepped(group: number, by: 1 | -1, groups: number): number {
  return (group + by + groups) % groups;
}

const mostAtOnce = 80; // below what the gateway allows one person (viewers_per_user, 96)

/** Whether each pane may have two players for a moment, old and new, in all windows of this person at once. */
export function mayOverlap(layout: number, windows: number): boolean {
  return 2 * layout * Math.max(1, windows) <= mostAtOnce;
}
