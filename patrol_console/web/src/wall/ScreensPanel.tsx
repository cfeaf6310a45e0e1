/** The desk's view of this person's screens: which are open, what they show, and what they are to show. */
import { App, Button } from 'antd';
import { sentenceOf } from '../api/problem';
import type { Arrangement } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useFillScreen, useIdentifyScreen, useScreens } from '../queries/wall';
import { Icon } from '../shapes/Icon';
import { arrangementOfDrop } from './filling';
import { ScreenCard } from './ScreenCard';
import styles from './ScreensPanel.module.css';
import type { Wall } from './useWall';

export function ScreensPanel({ wall, onClose }: { wall: Wall; onClose: () => void }) {
  const { t } = useT();
  const { message } = App.useApp();
  const screens = useScreens(true);
  const fill = useFillScreen();
  const identify = useIdentifyScreen();
  const items = screens.data ?? [];
  const failed = (error: unknown) => void message.error(sentenceOf(error));

  function show(name: string, arrangement: Arrangement): void {
    fill.mutate({ name, arrangement }, { onError: failed });
  }

  function openAnother(): void {
    const names = new Set(items.map(({ name }) => name));
    let number = 1;
    while (names.has(t('wall:screenName', { number }))) number += 1;
    const address = `/screen/${encodeURIComponent(t('wall:screenName', { number }))}`;
    if (!window.open(address, '_blank', 'popup,width=1280,height=720')) void message.warning(t('wall:popupBlocked', { address }));
  }

  return (
    <aside className={styles.panel} aria-label={t('wall:screens')} data-testid="screens">
      <header className={styles.head}>
        <h2>{t('wall:screens')}</h2>
        <button type="button" className={styles.close} aria-label={t('wall:closePanel')} title={t('wall:closePanel')} onClick={onClose}>
          <Icon name="close" size={16} />
        </button>
      </header>
      {items.length > 0 && <p className={styles.hint}>{t('wall:screensHint')}</p>}
      <div className={styles.list}>
        {screens.isError && <p className={styles.hint}>{sentenceOf(screens.error)}</p>}
        {screens.isSuccess && items.length === 0 && <p className={styles.hint}>{t('wall:screensNone')}</p>}
        {items.map((screen) => (
          <ScreenCard
            key={screen.name}
            screen={screen}
            wall={wall}
            onShow={(arrangement) => show(screen.name, arrangement)}
            onDrop={(what) => {
              const arrangement = arrangementOfDrop(wall, what);
              if (arrangement) show(screen.name, arrangement);
            }}
            onIdentify={() => identify.mutate(screen.name, { onError: failed })}
          />
        ))}
      </div>
      <Button type={items.length === 0 ? 'primary' : 'default'} icon={<Icon name="plus" size={16} />} onClick={openAnother} data-testid="screen-open">
        {t('wall:screenOpen')}
      </Button>
    </aside>
  );
}
