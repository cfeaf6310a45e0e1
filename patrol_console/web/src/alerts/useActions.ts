/** What may be done to the chosen alert now, by its own list of verbs; and the doing, with who was faster. */
import { useState } from 'react';
import { Problem, sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useAcknowledge, useAlert, useDismiss } from '../queries/alerts';

export function useActions(alertId: string | null) {
  const { t } = useT();
  const verbs = useAlert(alertId).data?.verbs ?? [];
  const acknowledge = useAcknowledge();
  const dismiss = useDismiss();
  const [refused, setRefused] = useState<{ alertId: string; sentence: string } | null>(null);

  function fail(id: string) {
    return (error: unknown) =>
      setRefused({
        alertId: id,
        sentence: error instanceof Problem && error.status === 409 ? t('alert:faster', { detail: error.message }) : sentenceOf(error),
      });
  }

  return {
    busy: acknowledge.isPending || dismiss.isPending,
    refused: refused?.alertId === alertId ? refused.sentence : null,
    mayAcknowledge: verbs.includes('acknowledge') && !acknowledge.isPending,
    mayDismiss: verbs.includes('dismiss') && !dismiss.isPending,
    acknowledge: () => alertId && acknowledge.mutate(alertId, { onError: fail(alertId), onSuccess: () => setRefused(null) }),
    dismiss: (reason: string, done: () => void) =>
      alertId && dismiss.mutate({ id: alertId, reason }, { onError: fail(alertId), onSuccess: () => setRefused(null), onSettled: done }),
  };
}

export type Actions = ReturnType<typeof useActions>;
