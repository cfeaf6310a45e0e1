/** The rows of a group, held in place while somebody uses them; new ones wait behind a button. */
import { Button, Skeleton } from 'antd';
import { useEffect, useRef } from 'react';
import { useT } from '../i18n/useT';
import { Failed, Notice } from '../shapes/Notice';
import styles from './AlertList.module.css';
import { AlertRow } from './AlertRow';
import type { Queue } from './useQueue';

export function AlertList({ queue }: { queue: Queue }) {
  const { t } = useT();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [queue.alertId]);

  return (
    <section
      className={styles.column}
      onPointerEnter={() => queue.setInUse(true)}
      onPointerLeave={() => queue.setInUse(false)}
    >
      {queue.waiting > 0 && (
        <button type="button" className={styles.fresh} onClick={queue.showWaiting} data-testid="fresh-alerts">
          {t('alert:fresh', { count: queue.waiting })}
        </button>
      )}
      <div className={styles.list} role="listbox" aria-label={t('alert:list')} tabIndex={0} ref={list} data-testid="alert-list">
        <Body queue={queue} />
      </div>
    </section>
  );
}

function Body({ queue }: { queue: Queue }) {
  const { t } = useT();
  const { pages, rows, group } = queue;
  if (pages.isPending) return <Skeleton active className={styles.skeleton} title={false} paragraph={{ rows: 8, width: '100%' }} />;
  if (pages.isError) return <Failed error={pages.error} onRetry={() => void pages.refetch()} />;
  if (rows.length === 0) return <Notice icon="alerts" title={t(`alert:empty.${group}`)} hint={t(`alert:emptyHint.${group}`)} />;
  return (
    <>
      {rows.map((alert) => (
        <AlertRow key={alert.id} alert={alert} chosen={alert.id === queue.alertId} gone={queue.isGone(alert)} onChoose={() => queue.choose(alert.id)} />
      ))}
      {pages.hasNextPage && (
        <Button type="text" block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('do.more')}
        </Button>
      )}
    </>
  );
}
