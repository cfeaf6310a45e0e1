/** The wall's few tools in the top bar: area, layout, group, list, full screen. */
import { Button, Segmented, Select } from 'antd';
import { useMemo } from 'react';
import { toggleChrome } from '../app/chrome';
import { useT } from '../i18n/useT';
import { treeOf, type AreaNode } from '../queries/areas';
import { Icon } from '../shapes/Icon';
import { layouts, type Layout } from './arrangement';
import type { Wall } from './useWall';
import styles from './WallPage.module.css';

interface Props {
  wall: Wall;
  treeOpen: boolean;
  onTree: () => void;
}

export function WallTools({ wall, treeOpen, onTree }: Props) {
  const { t } = useT();
  const options = useMemo(() => flatten(treeOf(wall.areas.data ?? [])), [wall.areas.data]);
  return (
    <>
      <Button type="text" icon={<Icon name="tree" />} aria-label={t('wall:tree')} title={`${t('wall:tree')} /`} aria-pressed={treeOpen} onClick={onTree} data-testid="tree-toggle" />
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
      <Segmented<Layout>
        aria-label={t('wall:layout')}
        value={wall.layout}
        onChange={wall.chooseLayout}
        options={layouts.map((value) => ({ value, label: <span data-testid={`layout-${value}`}>{value}</span>, title: t('wall:layoutOf', { count: value }) }))}
        data-testid="layout"
      />
      {wall.isOwn ? (
        <Button type="text" onClick={wall.reset} data-testid="wall-reset">
          {t('wall:reset')}
        </Button>
      ) : (
        wall.pages > 1 && <Pages wall={wall} />
      )}
      <Button type="text" icon={<Icon name="full" />} aria-label={t('wall:fullScreen')} title={`${t('wall:fullScreen')} F`} onClick={toggleChrome} />
    </>
  );
}

function Pages({ wall }: { wall: Wall }) {
  const { t } = useT();
  return (
    <span className={styles.pages} aria-label={t('wall:group', { page: wall.page + 1, pages: wall.pages })}>
      <Button type="text" icon={<Icon name="left" />} aria-label={t('wall:previous')} disabled={wall.page === 0} onClick={() => wall.choosePage(wall.page - 1)} />
      {wall.page + 1}/{wall.pages}
      <Button type="text" icon={<Icon name="right" />} aria-label={t('wall:next')} disabled={wall.page + 1 >= wall.pages} onClick={() => wall.choosePage(wall.page + 1)} />
    </span>
  );
}

function flatten(nodes: readonly AreaNode[], depth = 0): { value: string; label: string }[] {
  return nodes.flatMap((node) => [{ value: node.id, label: `${'\u3000'.repeat(depth)}${node.name}` }, ...flatten(node.children, depth + 1)]);
}
