/** Uplinks (上行线路): each with its budget, what is pulled over it now, and who waits. */
import { App, Button, Skeleton } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Uplink } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { useRemoveUplink, useUplinks } from '../queries/uplinks';
import { Icon } from '../shapes/Icon';
import { Failed, NoRight, Notice } from '../shapes/Notice';
import { SettingsTabs } from './SettingsTabs';
import { UplinkDialog } from './UplinkDialog';
import styles from './UplinksPage.module.css';

const named = 3; // of those that wait; the link leads to all

export function UplinksPage() {
  const { t } = useT();
  const may = useMay('camera.configure');
  const uplinks = useUplinks(may);
  const [editing, setEditing] = useState<Uplink | 'new' | null>(null);
  if (!may) return <NoRight />;
  const add = (
    <Button type="primary" onClick={() => setEditing('new')} data-testid="uplink-add">
      {t('uplink:add')}
    </Button>
  );
  return (
    <div className={styles.page} data-testid="uplinks">
      <SettingsTabs />
      <div className={styles.head}>
        <p className="quiet">{t('uplink:intro')}</p>
        {uplinks.data?.items.length ? add : null}
      </div>
      {uplinks.isPending ? (
        <Skeleton active paragraph={{ rows: 4 }} />
      ) : uplinks.isError ? (
        <Failed error={uplinks.error} onRetry={() => void uplinks.refetch()} />
      ) : uplinks.data.items.length === 0 ? (
        <Notice icon="tree" title={t('uplink:none')} hint={t('uplink:noneHint')} action={add} />
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th>{t('uplink:col.name')}</th>
              <th>{t('uplink:col.behind')}</th>
              <th title={t('uplink:usedHint')}>{t('uplink:col.use')}</th>
              <th>{t('uplink:col.budget')}</th>
              <th>{t('uplink:col.waiting')}</th>
              <th aria-label={t('uplink:edit')} />
            </tr>
          </thead>
          <tbody>
            {uplinks.data.items.map((uplink) => (
              <Line key={uplink.id} uplink={uplink} onEdit={() => setEditing(uplink)} />
            ))}
          </tbody>
        </table>
      )}
      <UplinkDialog key={editing === null ? 'none' : editing === 'new' ? 'new' : editing.id} uplink={editing} gateways={uplinks.data?.gateways ?? []} onClose={() => setEditing(null)} />
    </div>
  );
}

function Line({ uplink, onEdit }: { uplink: Uplink; onEdit: () => void }) {
  const { t } = useT();
  const { message, modal } = App.useApp();
  const remove = useRemoveUplink();
  const share = uplink.mbit_s === null ? (uplink.connections === null ? 0 : uplink.pulled / uplink.connections) : uplink.mbit_s_used / uplink.mbit_s;

  function confirmRemoval(): void {
    void modal.confirm({
      title: t('uplink:removeTitle', { name: uplink.name }),
      content: t('uplink:removeText', { count: uplink.cameras }),
      icon: null,
      okText: t('uplink:remove'),
      okButtonProps: { danger: true },
      cancelText: t('do.cancel'),
      autoFocusButton: 'cancel',
      onOk: () => remove.mutateAsync(uplink.id).catch((error: unknown) => void message.error(sentenceOf(error))),
    });
  }

  return (
    <tr data-testid="uplink-row">
      <td>
        <b>{uplink.name}</b>
        <span className={styles.more}>
          {t(`words:uplinkKind.${uplink.kind}`)} · {uplink.ref_name}
        </span>
      </td>
      <td className={styles.number}>{t('uplink:cameras', { count: uplink.cameras })}</td>
      <td>
        {t('uplink:used', { mbit: uplink.mbit_s_used.toFixed(1), count: uplink.pulled })}
        <i className={styles.bar} data-full={share > 0.9} aria-hidden="true">
          <i style={{ width: `${Math.min(100, 100 * share)}%` }} />
        </i>
      </td>
      <td>
        {uplink.mbit_s !== null && t('uplink:limitMbit', { mbit: uplink.mbit_s })}
        {uplink.mbit_s !== null && uplink.connections !== null && ' · '}
        {uplink.connections !== null && t('uplink:limitConnections', { count: uplink.connections })}
      </td>
      <td>
        {uplink.waiting === 0 ? (
          <span className="quiet">{t('uplink:nobodyWaits')}</span>
        ) : (
          <Link to="/cameras?cause=waiting" className={styles.waits}>
            {t(uplink.waiting > named ? 'uplink:waitingMore' : 'uplink:waitingNow', { count: uplink.waiting, names: uplink.waits.slice(0, named).map((camera) => camera.name).join(t('camera:listSeparator')) })}
          </Link>
        )}
      </td>
      <td>
        <Button type="text" aria-label={t('uplink:edit')} title={t('uplink:edit')} icon={<Icon name="pen" />} onClick={onEdit} />
        <Button type="text" aria-label={t('uplink:remove')} title={t('uplink:remove')} icon={<Icon name="trash" />} onClick={confirmRemoval} />
      </td>
    </tr>
  );
}
