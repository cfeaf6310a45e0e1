/** The tour in the top bar: start or pause, the time that is left, the groups by hand, and how long each stays. */
import { InputNumber, Popover, Segmented, Switch } from 'antd';
import { useState, useSyncExternalStore } from 'react';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import menu from './Menu.module.css';
import { dwells, leastDwellS, mostDwellS, type Tour } from './tour';
import type { Wall } from './useWall';
import styles from './WallPage.module.css';

interface Props {
  wall: Wall;
  tour: Tour | null;
  paused: boolean;
  onToggle: () => void;
}

export function TourControl({ wall, tour, paused, onToggle }: Props) {
  const { t } = useT();
  const touring = wall.dwellS !== null;
  const runs = touring && !paused;
  const label = runs ? t('wall:tourPause') : t('wall:tourStart');
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={styles.tool} onClick={onToggle} disabled={wall.groups < 2 && !touring} aria-label={label} aria-pressed={runs} title={wall.groups < 2 ? t('wall:tourOne') : `${label} T`} data-testid="tour">
        <Icon name={runs ? 'pause' : 'play'} />
        <span className={styles.word}>{t('wall:tour')}</span>
        {touring && tour && <Remaining tour={tour} paused={paused} />}
      </button>
      <Popover trigger="click" placement="bottom" arrow={false} open={open} onOpenChange={setOpen} content={<TourSettings wall={wall} />} destroyOnHidden>
        <button type="button" className={styles.tool} aria-label={t('wall:tourSettings')} title={t('wall:tourSettings')} aria-expanded={open} data-testid="tour-settings">
          <Icon name="down" size={12} />
        </button>
      </Popover>
    </>
  );
}

/** Drawn each second; alone. */
function Remaining({ tour, paused }: { tour: Tour; paused: boolean }) {
  const { t } = useT();
  const { remainingS } = useSyncExternalStore(tour.subscribe, tour.getView);
  return (
    <span className={`quiet ${styles.remaining}`} data-testid="tour-remaining">
      {paused ? t('wall:tourPaused') : t('unit.seconds', { value: remainingS })}
    </span>
  );
}

function TourSettings({ wall }: { wall: Wall }) {
  const { t } = useT();
  const dwellS = wall.dwellS;
  return (
    <div className={menu.panel} data-testid="tour-panel">
      <div className={menu.field}>
        <span>{t('wall:dwell')}</span>
        <Segmented<number>
          value={dwells.find((each) => each === dwellS) ?? 0}
          onChange={(value) => value > 0 && wall.tour(value)}
          options={dwells.map((value) => ({ value, label: <span data-testid={`dwell-${value}`}>{value}</span> }))}
        />
      </div>
      <label className={menu.field}>
        {t('wall:dwellOther')}
        <InputNumber min={leastDwellS} max={mostDwellS} precision={0} value={dwellS} onChange={(value) => value !== null && wall.tour(value)} suffix={t('wall:secondsUnit')} style={{ width: 120 }} />
      </label>
      <label className={menu.field}>
        {t('wall:skipOffline')}
        <Switch checked={wall.skipOffline} onChange={wall.skip} />
      </label>
      {dwellS !== null && (
        <div className={menu.foot}>
          <button type="button" className={styles.tool} onClick={() => wall.tour(null)} data-testid="tour-end">
            {t('wall:tourEnd')}
          </button>
        </div>
      )}
    </div>
  );
}
