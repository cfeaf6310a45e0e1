/** The live picture with its zones and masks; for those who may, the editor upon it and the list of zones below. */
import { App, Button } from 'antd';
import { useEffect, useReducer } from 'react';
import type { Camera } from '../api/nouns';
import { sentenceOf } from '../api/problem';
import { useKeys } from '../app/useKeys';
import { useT } from '../i18n/useT';
import { LiveView } from '../live/LiveView';
import { corners, useSaveZones } from '../queries/cameras';
import { useMay } from '../queries/session';
import { Icon } from '../shapes/Icon';
import { NoRight } from '../shapes/Notice';
import { ZoneCanvas } from './ZoneCanvas';
import { begin, edit, type Editing } from './zoneEditing';
import { ZoneList } from './ZoneList';
import styles from './ZonePicture.module.css';

export function ZonePicture({ camera, mayConfigure }: { camera: Camera; mayConfigure: boolean }) {
  const { t } = useT();
  const { message } = App.useApp();
  const mayLook = useMay('camera.live');
  const save = useSaveZones(camera.id);
  const [editing, change] = useReducer(edit, camera.zones, begin);

  useEffect(() => {
    if (!editing.changed && !editing.drawing) change({ do: 'read', zones: camera.zones });
  }, [camera.zones]); // eslint-disable-line react-hooks/exhaustive-deps -- what is being drawn outlives a refresh

  useKeys({
    Escape: () => (editing.drawing ? change({ do: 'give up' }) : change({ do: 'select', zone: null })),
    Enter: () => finish(),
  });

  function finish(): void {
    change({ do: 'finish', name: t('camera:zones.newName', { number: editing.zones.length + 1 }) });
  }

  function store(): void {
    const zones = editing.zones.map(({ zoneId, name, polygon }) => ({ zone_id: zoneId, name: name.trim() || '–', polygon: corners(polygon) }));
    save.mutate(zones, {
      onSuccess: (saved) => {
        change({ do: 'read', zones: saved.zones });
        void message.success(t('camera:saved'));
      },
      onError: (error) => void message.error(sentenceOf(error)),
    });
  }

  const { width_px: width, height_px: height } = camera.facts;
  return (
    <section>
      <div className={styles.frame}>
        <div className={styles.picture} style={{ '--ratio': width && height ? width / height : 16 / 9 } as React.CSSProperties}>
          {mayLook ? <LiveView camera={camera} purpose={mayConfigure ? 'setup' : 'detail'} /> : <NoRight />}
          <ZoneCanvas editing={editing} masks={camera.masks} mayEdit={mayConfigure} edit={change} onFinish={finish} />
        </div>
      </div>
      {mayConfigure && (
        <>
          <Tools editing={editing} busy={save.isPending} onDraw={() => change({ do: 'draw' })} onUndo={() => change({ do: 'undo' })} onDiscard={() => change({ do: 'read', zones: camera.zones })} onSave={store} />
          <ZoneList editing={editing} rules={camera.rules} edit={change} />
        </>
      )}
    </section>
  );
}

interface ToolsProps {
  editing: Editing;
  busy: boolean;
  onDraw: () => void;
  onUndo: () => void;
  onDiscard: () => void;
  onSave: () => void;
}

function Tools({ editing, busy, onDraw, onUndo, onDiscard, onSave }: ToolsProps) {
  const { t } = useT();
  return (
    <div className={styles.tools}>
      <h2>{t('camera:zones.title')}</h2>
      {editing.drawing ? (
        <p className={styles.hint} role="status">
          {t('camera:zones.drawHint')} <span className="quiet">{t('camera:zones.drawKeys')}</span>
        </p>
      ) : (
        <Button icon={<Icon name="plus" size={16} />} onClick={onDraw} data-testid="zone-draw">
          {t('camera:zones.draw')}
        </Button>
      )}
      {editing.changed && (
        <span className={styles.unsaved}>
          <span className="quiet">{t('camera:zones.unsaved')}</span>
          <Button type="text" disabled={editing.past.length === 0} onClick={onUndo} data-testid="zone-undo">
            {t('do.undo')}
          </Button>
          <Button type="text" onClick={onDiscard}>
            {t('camera:zones.discard')}
          </Button>
          <Button type="primary" loading={busy} onClick={onSave} data-testid="zone-save">
            {t('camera:zones.save')}
          </Button>
        </span>
      )}
    </div>
  );
}
