/** This person's saved layouts: open one, save over it, save as another, rename, remove; one may be what the wall opens with. */
import { Button, Popover } from 'antd';
import { useState } from 'react';
import type { WallLayout } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useT } from '../i18n/useT';
import { useLayouts } from '../queries/wall';
import { Icon } from '../shapes/Icon';
import { LayoutMark } from './LayoutMark';
import menu from './Menu.module.css';
import type { Saved } from './useSaved';
import { wantedOf } from './useShowing';
import type { Wall } from './useWall';
import styles from './WallPage.module.css';

interface Props {
  wall: Wall;
  saved: Saved;
  onName: (layout: WallLayout | null) => void; // null: a new one
}

export function SavedMenu({ wall, saved, onName }: Props) {
  const { t } = useT();
  const [open, setOpen] = useState(false);
  const layouts = useLayouts();
  const items = layouts.data ?? [];

  function act(what: () => void): void {
    setOpen(false);
    what();
  }

  const content = (
    <div className={menu.panel} data-testid="saved-panel">
      {layouts.isError && <p className={menu.nothing}>{sentenceOf(layouts.error)}</p>}
      {layouts.isSuccess && items.length === 0 && <p className={menu.nothing}>{t('wall:savedNone')}</p>}
      <ul className={menu.list}>
        {items.map((layout) => (
          <li key={layout.id} className={menu.line} data-current={wall.saved?.id === layout.id}>
            <button type="button" className={menu.open} data-testid="saved-layout" onClick={() => act(() => wall.show(layout.arrangement, layout.id))}>
              <LayoutMark layout={wantedOf(layout.arrangement).layout} />
              <span className={menu.grow}>{layout.name}</span>
              {layout.is_default && <span className="quiet">{t('wall:isDefault')}</span>}
            </button>
            <button type="button" className={menu.small} aria-label={t('wall:rename', { name: layout.name })} title={t('wall:renameShort')} onClick={() => act(() => onName(layout))} data-testid="saved-rename">
              <Icon name="pen" size={16} />
            </button>
            <button type="button" className={menu.small} aria-label={t('wall:remove', { name: layout.name })} title={t('do.delete')} onClick={() => saved.drop(layout)} data-testid="saved-remove">
              <Icon name="trash" size={16} />
            </button>
          </li>
        ))}
      </ul>
      <div className={menu.foot}>
        {saved.isChanged && (
          <Button loading={saved.busy} onClick={() => act(saved.saveOver)} data-testid="save-over">
            {t('wall:saveOver')}
          </Button>
        )}
        <Button type="primary" onClick={() => act(() => onName(null))} data-testid="save-as">
          {t('wall:saveAs')}
        </Button>
      </div>
    </div>
  );

  return (
    <Popover trigger="click" placement="bottomLeft" arrow={false} open={open} onOpenChange={setOpen} content={content} destroyOnHidden>
      <button type="button" className={styles.tool} aria-expanded={open} aria-label={wall.saved?.name ?? t('wall:savedLayouts')} title={`${t('wall:savedLayouts')} S`} data-testid="saved-menu">
        <Icon name="keep" />
        <span className={`${styles.saved} ${wall.saved ? '' : styles.word}`}>{wall.saved?.name ?? t('wall:savedLayouts')}</span>
        {saved.isChanged && <span className={styles.changed} role="img" aria-label={t('wall:changed')} title={t('wall:changed')} />}
        <Icon name="down" size={12} />
      </button>
    </Popover>
  );
}
