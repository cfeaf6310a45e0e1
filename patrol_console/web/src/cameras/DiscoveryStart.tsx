/** Where to look: the gateway's whole network, or a range of addresses; and the end of a search that goes on. */
import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useT } from '../i18n/useT';
import styles from './DiscoveryPage.module.css';

interface Props {
  busy: boolean;
  running: boolean;
  onStart: (range: string | null) => void;
  onStop: () => void;
}

const aRange = /^[0-9.]+(\/[0-9]{1,2}| *- *[0-9.]+)?$/; // what it means is the gateway's to say

export function DiscoveryStart({ busy, running, onStart, onStop }: Props) {
  const { t } = useT();
  const [where, setWhere] = useState<'all' | 'range'>('all');
  const [range, setRange] = useState('');
  const wrong = where === 'range' && range.trim() !== '' && !aRange.test(range.trim());
  const ready = !running && (where === 'all' || (range.trim() !== '' && !wrong));

  return (
    <section>
      <p className={styles.intro}>{t('join:find.intro')}</p>
      <form
        className={styles.start}
        style={{ marginTop: 12 }}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onStart(where === 'all' ? null : range.trim());
        }}
      >
        <Segmented<'all' | 'range'>
          aria-label={t('join:find.where')}
          value={where}
          onChange={setWhere}
          options={[
            { value: 'all', label: t('join:find.all') },
            { value: 'range', label: t('join:find.range') },
          ]}
          data-testid="discovery-where"
        />
        {where === 'range' && (
          <Input className={styles.range} value={range} onChange={(event) => setRange(event.target.value)} status={wrong ? 'error' : undefined} placeholder="192.168.1.0/24" aria-label={t('join:find.range')} title={t('join:find.rangeHint')} autoFocus data-testid="discovery-range" />
        )}
        {running ? (
          <Button onClick={onStop} data-testid="discovery-stop">
            {t('join:find.stop')}
          </Button>
        ) : (
          <Button type="primary" htmlType="submit" loading={busy} disabled={!ready} data-testid="discovery-start">
            {t('join:find.start')}
          </Button>
        )}
        {where === 'range' && <span className="quiet">{wrong ? t('join:find.rangeWrong') : t('join:find.rangeHint')}</span>}
      </form>
    </section>
  );
}
