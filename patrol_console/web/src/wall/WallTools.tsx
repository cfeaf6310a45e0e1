/** The wall's few tools in the top bar: list, area, layout, what was saved, group, tour, screens, full screen. */
import { Select } from 'antd';
import { useMemo, type ReactNode } from 'react';
import { toggleChrome } from '../app/chrome';
import { useT } from '../i18n/useT';
import { treeOf, type AreaNode } from '../queries/areas';
import { Icon } from '../shapes/Icon';
import { LayoutMenu } from './LayoutMenu';
import type { Wall } from './useWall';
import styles from './WallPage.module.css';

interface Props {
  wall: Wall;
  treeOpen: boolean;
  screensOpen: boolean;
  onTree: () => void;
  onScreens: () => void;
  saved: ReactNode;
  tour: ReactNode;
}

export function WallTools({ wall, treeOpen, screensOpen, onTree, onScreens, saved, tour }: Props) {
  const { t } = useT();
  const options = useMemo(() => flatten(treeOf(wall.areas.data ?? [])), [wall.areas.data]);
  return (
    <>
      <button type="button" className={styles.tool} aria-label={t('wall:tree')} title={`${t('wall:tree')} /`} aria-pressed={treeOpen} onClick={onTree} data-testid="tree-toggle">
        <Icon name="tree" />
      </button>
      {wall.isOwn ? (
        <button type="button" className={styles.tool} onClick={wall.reset} title={t('wall:reset')} data-testid="wall-reset">
          {t('wall:own')}
          <Icon name="close" size={14} />
        </button>
      ) : (
        <Select
          className={styles.area}
          aria-label={t('wall:area')}
          value={wall.area ?? ''}
          onChange={(id) => wall.chooseArea(id || null)}
          options={[{ value: '', label: t('wall:everywhere') }, ...options]}
          popupMatchSelectWidth={false}
          variant="borderless"
          data-testid="area"
        />
      )}
      <LayoutMenu layout={wall.layout} onChoose={wall.chooseLayout} />
      {wall.groups > 1 && <Pages wall={wall} />}
      {tour}
      {saved}
      <button type="button" className={styles.tool} aria-pressed={screensOpen} onClick={onScreens} title={t('wall:screens')} aria-label={t('wall:screens')} data-testid="screens-toggle">
        <Icon name="screens" />
      </button>
      <button type="button" className={styles.tool} aria-label={t('wall:fullScreen')} title={`${t('wall:fullScreen')} F`} onClick={toggleChrome} data-testid="full-screen">
        <Icon name="full" />
      </button>
    </>
  );
}

function Pages({ wall }: { wall: Wall }) {
  const { t } = useT();
  return (
    <span className={styles.pages} role="group" aria-label={t('wall:group', { page: wall.page + 1, pages: wall.groups })}>
      <button type="button" className={styles.tool} aria-label={t('wall:previous')} title={`${t('wall:previous')} [`} onClick={() => wall.step(-1)} data-testid="previous">
        <Icon name="left" size={14} />
      </button>
      <span data-testid="group">
        {wall.page + 1}/{wall.groups}
      </span>
      <button type="button" className={styles.tool} aria-label={t('wall:next')} title={`${t('wall:next')} ]`} onClick={() => wall.step(1)} data-testid="next">
        <Icon name="right" size={14} />
      </button>
    </span>
  );
}

export function flatten(nodes: readonly AreaNode[], depth = 0): { value: string; label: string }[] {
  return nodes.flatMap((node) => [{ value: node.id, label: `${'\u3000'.repeat(depth)}${node.name}` }, ...flatten(node.children, depth + 1)]);
}
