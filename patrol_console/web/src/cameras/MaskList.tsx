/** The masks, and plainly what they mean for the live picture. */
import { Button } from 'antd';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import type { Drawing } from './useDrawing';
import styles from './ZonePicture.module.css';

export function MaskList({ drawing, liveIsOff }: { drawing: Drawing; liveIsOff: boolean }) {
  const { t } = useT();
  const { editing, edit } = drawing;
  return (
    <>
      <p className={styles.note}>{editing.zones.length === 0 ? t('camera:masks.noneHint') : t(liveIsOff ? 'camera:masks.offHint' : 'camera:masks.hint')}</p>
      <ul className={styles.list}>
        {editing.zones.map((mask, i) => (
          <li key={i} data-selected={editing.selected === i}>
            <Button
              type="text"
              icon={<Icon name="pen" />}
              aria-label={t('camera:zones.select', { name: mask.name })}
              aria-pressed={editing.selected === i}
              onClick={() => edit({ do: 'select', zone: editing.selected === i ? null : i })}
              data-testid={`mask-select-${i}`}
            >
              {mask.name}
            </Button>
            <Button
              type="text"
              icon={<Icon name="trash" />}
              aria-label={t('camera:zones.delete', { name: mask.name })}
              title={t('camera:zones.delete', { name: mask.name })}
              onClick={() => edit({ do: 'delete', zone: i })}
              data-testid={`mask-delete-${i}`}
            />
          </li>
        ))}
      </ul>
    </>
  );
}
