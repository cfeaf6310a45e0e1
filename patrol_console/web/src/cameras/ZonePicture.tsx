/** The live picture with its zones and masks; for those who may, the editor upon it and the list of what is drawn. */
import { useState, type CSSProperties } from 'react';
import type { Camera } from '../api/nouns';
import { useKeys } from '../app/useKeys';
import { LiveView } from '../live/LiveView';
import { useMay } from '../queries/session';
import { NoRight } from '../shapes/Notice';
import { DrawTools } from './DrawTools';
import { MaskList } from './MaskList';
import { useMaskDrawing, useZoneDrawing, type LayerName } from './useDrawing';
import { ZoneCanvas } from './ZoneCanvas';
import { ZoneList } from './ZoneList';
import styles from './ZonePicture.module.css';

export function ZonePicture({ camera, mayConfigure }: { camera: Camera; mayConfigure: boolean }) {
  const mayLook = useMay('camera.live');
  const [layer, setLayer] = useState<LayerName>('zones');
  const zones = useZoneDrawing(camera);
  const masks = useMaskDrawing(camera);
  const drawing = layer === 'zones' ? zones : masks;
  const { editing, edit, finish } = drawing;

  useKeys({
    Escape: () => (editing.drawing ? edit({ do: 'give up' }) : edit({ do: 'select', zone: null })),
    Enter: finish,
  });

  const { width_px: width, height_px: height } = camera.facts;
  return (
    <section>
      <div className={styles.frame}>
        <div className={styles.picture} style={{ '--ratio': width && height ? width / height : 16 / 9 } as CSSProperties}>
          {mayLook ? <LiveView camera={camera} purpose={mayConfigure ? 'setup' : 'detail'} focus /> : <NoRight />}
          <ZoneCanvas
            layer={layer}
            editing={editing}
            beneath={layer === 'zones' ? camera.masks : camera.zones.map((zone) => zone.polygon)}
            mayEdit={mayConfigure}
            edit={edit}
            onFinish={finish}
          />
        </div>
      </div>
      {mayConfigure && (
        <>
          <DrawTools drawing={drawing} onLayer={setLayer} />
          {layer === 'zones' ? <ZoneList editing={editing} rules={camera.rules} edit={edit} /> : <MaskList drawing={drawing} liveIsOff={camera.live_reason === 'masks'} />}
        </>
      )}
    </section>
  );
}
