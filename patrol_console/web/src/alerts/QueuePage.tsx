/** The alert queue (预警): groups and list on the left, the chosen alert on the right, keys for all of it. */
import { useState } from 'react';
import { BarTools } from '../app/barSlot';
import { useKeys } from '../app/useKeys';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { NoRight, Notice } from '../shapes/Notice';
import { AlertDetailView } from './AlertDetailView';
import { AlertList } from './AlertList';
import { GroupTabs } from './GroupTabs';
import styles from './QueuePage.module.css';
import { useActions } from './useActions';
import { useQueue } from './useQueue';

export function QueuePage() {
  const { t } = useT();
  const sees = useMay('alert.see');
  const queue = useQueue();
  const [dismissing, setDismissing] = useState(false);
  const actions = useActions(queue.alertId);

  useKeys({
    ArrowDown: () => queue.step(1),
    j: () => queue.step(1),
    ArrowUp: () => queue.step(-1),
    k: () => queue.step(-1),
    a: () => actions.mayAcknowledge && actions.acknowledge(),
    Enter: () => actions.mayAcknowledge && actions.acknowledge(),
    x: () => actions.mayDismiss && setDismissing(true),
  });

  if (!sees) return <NoRight />;
  return (
    <div className={styles.page}>
      <BarTools>
        <GroupTabs queue={queue} />
      </BarTools>
      <AlertList queue={queue} />
      <section className={styles.detail}>
        {queue.alertId ? (
          <AlertDetailView key={queue.alertId} alertId={queue.alertId} actions={actions} dismissing={dismissing} setDismissing={setDismissing} />
        ) : (
          <Notice icon="alerts" title={t('alert:choose')} hint={t('alert:chooseHint')} />
        )}
      </section>
    </div>
  );
}
