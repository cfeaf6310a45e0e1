/** What may be done to the rows that were chosen in the camera table: one change for all, its outcome, and the way back. */
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import type { BulkOutcome, Camera } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useChangeMany, type BulkChange } from '../queries/cameras';
import { undoOf } from './bulk';
import { BulkDialog } from './BulkDialog';
import styles from './BulkBar.module.css';

const undoForS = 12;

export function BulkBar({ chosen, onClear }: { chosen: readonly Camera[]; onClear: () => void }) {
  const { t } = useT();
  const { message } = App.useApp();
  const change = useChangeMany();
  const [editing, setEditing] = useState(false);
  const [refused, setRefused] = useState<BulkOutcome[]>([]);

  async function apply(wanted: BulkChange): Promise<void> {
    const before = [...chosen];
    const result = await change.mutateAsync({ ids: before.map(({ id }) => id), change: wanted });
    setEditing(false);
    setRefused(result.items.filter(({ outcome }) => outcome === 'refused'));
    const changed = new Set(result.items.filter(({ outcome }) => outcome === 'changed').map(({ camera_id }) => camera_id));
    if (changed.size === 0) return void message.info(t('join:bulk.nothing'));
    const key = `bulk ${Date.now()}`;
    const undo = () => void takeBack(before, wanted, changed, key);
    const content = (
      <span className={styles.said}>
        {t('join:bulk.changed', { count: changed.size })}
        <Button type="link" size="small" onClick={undo} data-testid="bulk-undo">
          {t('do.undo')}
        </Button>
      </span>
    );
    void message.open({ key, type: 'success', duration: undoForS, content });
  }

  async function takeBack(before: readonly Camera[], wanted: BulkChange, changed: ReadonlySet<string>, key: string): Promise<void> {
    message.destroy(key);
    try {
      for (const wish of undoOf(before, wanted, changed)) await change.mutateAsync(wish);
      void message.success(t('join:bulk.undone', { count: changed.size }));
    } catch (error) {
      void message.error(sentenceOf(error));
    }
  }

  return (
    <>
      {chosen.length > 0 && (
        <div className={styles.bar} role="toolbar" aria-label={t('join:bulk.bar')} data-testid="bulk-bar">
          <b>{t('join:bulk.chosen', { count: chosen.length })}</b>
          <Button type="primary" onClick={() => setEditing(true)} data-testid="bulk-edit">
            {t('join:bulk.edit')}
          </Button>
          <Button type="text" onClick={onClear}>
            {t('join:bulk.clear')}
          </Button>
        </div>
      )}
      <BulkDialog open={editing} count={chosen.length} saving={change.isPending} error={change.error} onClose={() => setEditing(false)} onApply={(wanted) => void apply(wanted).catch(() => {})} />
      <Modal open={refused.length > 0} title={t('join:bulk.refusedTitle', { count: refused.length })} footer={null} onCancel={() => setRefused([])} width={640}>
        <ul className={styles.refused} data-testid="bulk-refused">
          {refused.map((one) => (
            <li key={one.camera_id}>
              <b>{one.name ?? one.camera_id}</b>
              <span>{one.reason}</span>
            </li>
          ))}
        </ul>
      </Modal>
    </>
  );
}
