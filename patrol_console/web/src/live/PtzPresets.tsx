/** A camera's presets (预置位): go to one, keep where it looks now as one, forget one. */
import { Button, Input, Popconfirm, Select, Space } from 'antd';
import { useState } from 'react';
import type { PtzPreset } from '../api/nouns';
import { useT } from '../i18n/useT';
import type { PtzWish } from '../queries/ptz';
import styles from './Ptz.module.css';

interface Props {
  presets: readonly PtzPreset[];
  busy: boolean;
  onWish: (wish: PtzWish) => void;
}

export function PtzPresets({ presets, busy, onWish }: Props) {
  const { t } = useT();
  const [chosen, choose] = useState<string | null>(null);
  const [name, setName] = useState<string | null>(null); // null: none is being set
  const known = presets.find((preset) => preset.token === chosen) ?? null;

  function keep(): void {
    const wanted = name?.trim();
    if (!wanted) return;
    onWish({ verb: 'set', name: wanted, preset: presets.find((preset) => preset.name === wanted)?.token ?? null });
    setName(null);
  }

  if (name !== null) {
    return (
      <Space.Compact className={styles.presets}>
        <Input autoFocus size="small" maxLength={32} value={name} placeholder={t('ptz:presetName')} aria-label={t('ptz:presetName')} onChange={(event) => setName(event.target.value)} onPressEnter={keep} />
        <Button size="small" disabled={!name.trim()} onClick={keep}>
          {t('ptz:keep')}
        </Button>
        <Button size="small" onClick={() => setName(null)}>
          {t('ptz:cancel')}
        </Button>
      </Space.Compact>
    );
  }
  return (
    <Space.Compact className={styles.presets}>
      <Select
        size="small"
        className={styles.select}
        value={known?.token ?? null}
        placeholder={t(presets.length ? 'ptz:presets' : 'ptz:noPresets')}
        aria-label={t('ptz:presets')}
        disabled={busy || presets.length === 0}
        options={presets.map((preset) => ({ value: preset.token, label: preset.name || preset.token }))}
        onSelect={(token: string) => {
          choose(token);
          onWish({ verb: 'go', preset: token });
        }}
        data-testid="ptz-presets"
      />
      <Button size="small" disabled={busy} onClick={() => setName('')}>
        {t('ptz:set')}
      </Button>
      <Popconfirm title={t('ptz:removeAsk', { name: known?.name || known?.token })} okText={t('ptz:remove')} cancelText={t('ptz:cancel')} onConfirm={() => known && onWish({ verb: 'remove', preset: known.token })} disabled={known === null}>
        <Button size="small" disabled={busy || known === null}>
          {t('ptz:remove')}
        </Button>
      </Popconfirm>
    </Space.Compact>
  );
}
