/**
 * The wall's own state, all of it in the address (`area`, `layout`, `page`, `panes`, `big`, `tour`, `all`, `saved`), so
 * that it can be sent to a colleague and the back button works. Where the address says nothing, the wall opens as it
 * was left in this window, else with this person's default layout, else as it was last left in this browser.
 */
import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Arrangement, WallLayout } from '../api/nouns';
import { recall, remember } from '../app/memory';
import { useLayouts } from '../queries/wall';
import { isLayout, readSlots, writeSlots, type Layout, type Slots } from './arrangement';
import { readDwell, stepped } from './tour';
import { arrangementOf, useShowing, wantedOf, type Wanted } from './useShowing';

type Name = 'area' | 'layout' | 'page' | 'panes' | 'big' | 'tour' | 'all' | 'saved';
type Wish = Partial<Record<Name, string | null>>;

const key = 'wall';
let leftInThisWindow: string | null = null;

export function useWall() {
  const [params, setParams] = useSearchParams();
  const layouts = useLayouts();
  const given = useGiven(params, layouts.data);
  const wanted = useMemo(() => readWanted(given), [given]);
  const [round, setRound] = useState(0);
  const showing = useShowing(wanted, round);
  const { page, groups, list, next, slots } = showing;
  const big = params.get('big') === null ? null : Number(params.get('big'));

  const change = useCallback(
    (wish: Wish, replace = true) => {
      const next = new URLSearchParams(given);
      next.delete('big');
      for (const [name, value] of Object.entries(wish)) {
        if (value === null || value === undefined) next.delete(name);
        else next.set(name, value);
      }
      if (!next.has('layout')) next.set('layout', String(wanted.layout)); // an address that says something
      if (!wish.big) {
        leftInThisWindow = next.toString();
        remember(key, leftInThisWindow);
      }
      setParams(next, { replace });
    },
    [given, wanted.layout, setParams],
  );

  /** A change of panes: an area's group becomes a choice of its own, a choice stays whole. */
  const arrange = (how: (list: Slots, from: number) => Slots) => {
    const panes = wanted.own ? how(list, page * wanted.layout) : how(slots, 0);
    change({ panes: writeSlots(panes), page: wanted.own ? String(page) : null });
  };

  return {
    ...showing,
    isWaiting: showing.cameras.isPending || (params.size === 0 && leftInThisWindow === null && layouts.isPending),
    layout: wanted.layout,
    isOwn: wanted.own !== null,
    dwellS: wanted.dwellS,
    skipOffline: wanted.skipOffline,
    arrangement: arrangementOf({ ...wanted, area: showing.area, page }),
    saved: layouts.data?.find(({ id }) => id === given.get('saved')) ?? null,
    big: big !== null && big >= 0 && big < wanted.layout ? big : null,
    chooseArea: (id: string | null) => change({ area: id, page: null, panes: null, saved: null }),
    chooseLayout: (next: Layout) => change({ layout: String(next), page: String(Math.floor((page * wanted.layout) / next)) }),
    choosePage: (next: number) => change({ page: String(next) }),
    step: (by: 1 | -1) => change({ page: String(stepped(page, by, groups)) }),
    tourOn: () => {
      if (next <= page) setRound((before) => before + 1); // a new round: who is up now
      change({ page: String(next) });
    },
    arrange,
    reset: () => change({ panes: null, page: null, saved: null }),
    enlarge: (pane: number) => change({ big: String(pane) }, false),
    shrink: () => change({}),
    tour: (dwellS: number | null) => change({ tour: dwellS === null ? null : String(dwellS) }),
    skip: (skipOffline: boolean) => change({ all: skipOffline ? null : '1' }),
    show: (arrangement: Arrangement, savedId: string | null) => change({ ...wishOf(arrangement), saved: savedId }, false),
    keepAs: (savedId: string | null) => change({ saved: savedId }),
  };
}

export type Wall = ReturnType<typeof useWall>;

function useGiven(params: URLSearchParams, layouts: readonly WallLayout[] | undefined): URLSearchParams {
  return useMemo(() => {
    if (params.size > 0) return params;
    if (leftInThisWindow !== null) return new URLSearchParams(leftInThisWindow);
    const first = layouts?.find((layout) => layout.is_default);
    if (!first) return new URLSearchParams(recall(key) ?? '');
    const wish = Object.entries({ ...wishOf(first.arrangement), saved: first.id });
    return new URLSearchParams(wish.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  }, [params, layouts]);
}

function readWanted(given: URLSearchParams): Wanted {
  const layout = Number(given.get('layout'));
  const panes = given.get('panes');
  return {
    area: given.get('area'),
    layout: isLayout(layout) ? layout : 9,
    own: panes === null ? null : readSlots(panes),
    page: Math.max(0, Math.trunc(Number(given.get('page'))) || 0),
    dwellS: readDwell(given.get('tour')),
    skipOffline: given.get('all') !== '1',
  };
}

function wishOf(arrangement: Arrangement): Wish {
  const wanted = wantedOf(arrangement);
  return {
    area: wanted.area,
    layout: String(wanted.layout),
    panes: wanted.own && writeSlots(wanted.own),
    page: wanted.page > 0 ? String(wanted.page) : null,
    tour: wanted.dwellS === null ? null : String(wanted.dwellS),
    all: wanted.skipOffline ? null : '1',
  };
}
