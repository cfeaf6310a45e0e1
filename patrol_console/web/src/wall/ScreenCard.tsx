/** One screen on the desk: its panes in small by name, and how to put something else there: drag, or the menu. */
import { Dropdown } from 'antd';
import { useState, type CSSProperties } from 'react';
import type { Arrangement, WallScreen } from '../api/nouns';
import { letGoOfFocus } from '../app/letGo';
import { useT } from '../i18n/useT';
import { treeOf } from '../queries/areas';
import { useLayouts } from '../queries/wall';
import { Icon } from '../shapes/Icon';
import { fill, shapes } from './arrangement';
import { dragged, isOurs, type Dragged } from './drag';
import { ofArea } from './filling';
import styles from './ScreensPanel.module.css';
import { camerasOf } from './usePaneActions';
import { wantedOf } from './useShowing';
import type { Wall } from './useWall';
import { flatten } from './WallTools';

interface Props {
  screen: WallScreen;
  wall: Wall;
  onShow: (arrangement: Arrangement) => void;
  onDrop: (what: Dragged) => void;
  onIdentify: () => void;
}

export function ScreenCard({ screen, wall, onShow, onDrop, onIdentify }: Props) {
  const { t } = useT();
  const [over, setOver] = useState(false);
  const layouts = useLayouts().data ?? [];
  const areas = flatten(treeOf(wall.areas.data ?? []));
  const items = [
    { key: 'here', label: <span data-testid="screen-here">{t('wall:screenHere')}</span>, onClick: () => onShow(wall.arrangement) },
    {
      key: 'layouts',
      label: t('wall:savedLayouts'),
      disabled: layouts.length === 0,
      children: layouts.map((layout) => ({ key: layout.id, label: layout.name, onClick: () => onShow(layout.arrangement) })),
    },
    {
      key: 'areas',
      label: t('wall:screenArea'),
      children: areas.map(({ value, label }) => ({ key: value, label, onClick: () => onShow(ofArea(value)) })),
    },
  ];
  return (
    <section
      className={styles.card}
      data-over={over}
      data-testid="screen-card"
      aria-label={screen.name}
      onDragOver={(event) => {
        if (!isOurs(event.dataTransfer)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)}
      onDrop={(event) => {
        setOver(false);
        const what = dragged(event.dataTransfer);
        event.preventDefault();
        if (what) onDrop(what);
      }}
    >
      <div className={styles.title}>
        <strong>{screen.name}</strong>
        <button type="button" className={styles.small} onClick={onIdentify} title={t('wall:identify')} aria-label={t('wall:identifyNamed', { name: screen.name })} data-testid="screen-identify">
          <Icon name="eye" size={16} />
        </button>
      </div>
      <Small screen={screen} wall={wall} />
      <Dropdown trigger={['click']} menu={{ items, onClick: letGoOfFocus }}>
        <button type="button" className={styles.fill} aria-label={t('wall:screenFillNamed', { name: screen.name })} data-testid="screen-fill">
          {t('wall:screenFill')}
          <Icon name="down" size={12} />
        </button>
      </Dropdown>
    </section>
  );
}

function Small({ screen, wall }: { screen: WallScreen; wall: Wall }) {
  const { t } = useT();
  if (!screen.arrangement) return <p className={styles.blank}>{t('wall:screenEmpty')}</p>;
  const { layout, own, area, page, dwellS } = wantedOf(screen.arrangement);
  const cameras = own ?? (area ? camerasOf(wall, area) : (wall.cameras.data ?? []).map(({ id }) => id));
  const { side, large } = shapes[layout];
  const place = own ? t('wall:own') : (wall.areas.data?.find(({ id }) => id === area)?.name ?? t('wall:everywhere'));
  const said = [place, shapes[layout].name, ...(dwellS === null ? [] : [`${t('wall:tour')} ${t('unit.seconds', { value: dwellS })}`])];
  return (
    <>
      <div className={styles.panes} style={{ '--side': side, '--large': large } as CSSProperties} aria-hidden="true">
        {fill(cameras, layout, page).map((id, i) => (
          <span key={i} data-large={large > 1 && i === 0}>
            {side <= 3 && id !== null && wall.byId.get(id)?.name}
          </span>
        ))}
      </div>
      <p className={styles.hint} data-testid="screen-shows">
        {said.join(' · ')}
      </p>
    </>
  );
}
