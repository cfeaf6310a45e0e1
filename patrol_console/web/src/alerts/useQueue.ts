/** The queue as one person sees it: the group and the alert chosen (both in the address), and the held list. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { alertGroups, severities, type Alert, type AlertGroup, type Severity } from '../api/nouns';
import { useAlertGroup } from '../queries/alerts';
import { hold } from './heldList';

export function useQueue() {
  const { alertId = null } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const group = alertGroups.find((name) => name === params.get('group')) ?? 'waiting';
  const severity = severities.find((name) => name === params.get('severity')) ?? null;
  const pages = useAlertGroup(group, severity);
  const read = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);

  const [inUse, setInUse] = useState(false);
  const [shown, setShown] = useState<{ of: string; rows: readonly Alert[] }>({ of: '', rows: [] });
  const of = `${group} ${severity}`;
  const before = shown.of === of ? shown.rows : [];
  const held = useMemo(() => hold(before, read, inUse), [before, read, inUse]);
  useEffect(() => setShown({ of, rows: held.rows }), [of, read, inUse]); // eslint-disable-line react-hooks/exhaustive-deps

  const go = useCallback(
    (id: string | null, change: { group?: AlertGroup; severity?: Severity | null } = {}) => {
      const search = new URLSearchParams();
      const nextGroup = change.group ?? group;
      const nextSeverity = change.severity === undefined ? severity : change.severity;
      if (nextGroup !== 'waiting') search.set('group', nextGroup);
      if (nextSeverity) search.set('severity', nextSeverity);
      const text = search.toString();
      void navigate({ pathname: id ? `/alerts/${id}` : '/alerts', search: text ? `?${text}` : '' }, { replace: true });
    },
    [group, severity, navigate],
  );

  function step(by: 1 | -1): void {
    const at = held.rows.findIndex((alert) => alert.id === alertId);
    const next = held.rows[at < 0 ? 0 : Math.min(held.rows.length - 1, Math.max(0, at + by))];
    if (next) go(next.id);
  }

  return {
    group,
    severity,
    alertId,
    pages,
    rows: held.rows,
    isGone: (alert: Alert) => !read.some((each) => each.id === alert.id),
    waiting: held.waiting,
    showWaiting: () => setShown({ of, rows: read }),
    setInUse,
    choose: (id: string) => go(id),
    chooseGroup: (next: AlertGroup) => go(null, { group: next }),
    chooseSeverity: (next: Severity | null) => go(alertId, { severity: next }),
    step,
  };
}

export type Queue = ReturnType<typeof useQueue>;
