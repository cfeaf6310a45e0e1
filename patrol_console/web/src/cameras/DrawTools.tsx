/** Above the list of what is drawn: which layer, draw, finish, give up, undo, discard, save. */
import { Button, Segmented } from 'antd';
import { useEffect, useRef } from 'react';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import type { Drawing, LayerName } from './useDrawing';
import { leastCorners } from './zoneEditing';
import styles from './ZonePicture.module.css';

const words = {
  zones: { title: 'camera:zones.title', draw: 'camera:zones.draw', save: 'camera:zones.save' },
  masks: { title: 'camera:masks.title', draw: 'camera:masks.draw', save: 'camera:masks.save' },
} as const;

interface Props {
  drawing: Drawing;
  onLayer: (name: LayerName) => void;
}

export function DrawTools({ drawing, onLayer }: Props) {
  const { t } = useT();
  const { editing, edit, name } = drawing;
  const test = name === 'zones' ? 'zone' : 'mask';
  const draw = useRef<HTMLButtonElement>(null);
  const drew = useRef(false);
  useEffect(() => {
    if (drew.current && !editing.drawing && editing.selected === null) draw.current?.focus(); // given up: the keyboard goes on from here
    drew.current = editing.drawing !== null;
  }, [editing.drawing, editing.selected]);

  return (
    <div className={styles.tools}>
      <Segmented<LayerName>
        value={name}
        onChange={onLayer}
        disabled={editing.changed || editing.drawing !== null}
        options={(['zones', 'masks'] as const).map((value) => ({ value, label: <span data-testid={`layer-${value}`}>{t(words[value].title)}</span> }))}
      />
      {editing.drawing ? (
        <>
          <p className={styles.hint} role="status">
            {t('camera:zones.drawHint')} <span className="quiet">{t('camera:zones.drawKeys')}</span>
          </p>
          <Button type="text" onClick={() => edit({ do: 'give up' })}>
            {t('do.cancel')}
          </Button>
          <Button disabled={editing.drawing.length < leastCorners} onClick={drawing.finish} data-testid={`${test}-finish`}>
            {t('camera:zones.finish')}
          </Button>
        </>
      ) : (
        <Button ref={draw} icon={<Icon name="plus" size={16} />} onClick={() => edit({ do: 'draw' })} data-testid={`${test}-draw`}>
          {t(words[name].draw)}
        </Button>
      )}
      {editing.changed && !editing.drawing && (
        <span className={styles.unsaved}>
          <span className="quiet">{t('camera:zones.unsaved')}</span>
          <Button type="text" disabled={editing.past.length === 0} onClick={() => edit({ do: 'undo' })} data-testid={`${test}-undo`}>
            {t('do.undo')}
          </Button>
          <Button type="text" onClick={drawing.discard}>
            {t('camera:zones.discard')}
          </Button>
          <Button type="primary" loading={drawing.busy} onClick={drawing.store} data-testid={`${test}-save`}>
            {t(words[name].save)}
          </Button>
        </span>
      )}
    </div>
  );
}
