/** How many panes, and how they lie: a menu of drawings; each has its digit on the keyboard. */
import { Dropdown } from 'antd';
import { letGoOfFocus } from '../app/letGo';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import { layoutKeys, layouts, shapes, type Layout } from './arrangement';
import { LayoutMark } from './LayoutMark';
import menu from './Menu.module.css';
import styles from './WallPage.module.css';

interface Props {
  layout: Layout;
  onChoose: (layout: Layout) => void;
}

export function LayoutMenu({ layout, onChoose }: Props) {
  const { t } = useT();
  const digitOf = (value: Layout) => Object.keys(layoutKeys).find((key) => layoutKeys[key] === value);
  const items = layouts.map((value) => ({
    key: String(value),
    label: (
      <span className={menu.row} data-current={value === layout} data-testid={`layout-${value}`}>
        <LayoutMark layout={value} />
        <span className={menu.grow}>
          <span className={menu.shape}>{shapes[value].name}</span> <span className="quiet">{t('wall:layoutOf', { count: value })}</span>
        </span>
        <kbd className={menu.key}>{digitOf(value)}</kbd>
      </span>
    ),
    onClick: () => {
      onChoose(value);
      letGoOfFocus();
    },
  }));
  return (
    <Dropdown trigger={['click']} menu={{ items }}>
      <button type="button" className={styles.tool} aria-label={t('wall:layoutIs', { name: shapes[layout].name })} title={t('wall:layout')} data-testid="layout">
        <LayoutMark layout={layout} />
        {shapes[layout].name}
        <Icon name="down" size={12} />
      </button>
    </Dropdown>
  );
}
