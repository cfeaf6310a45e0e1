/** The button on the picture in focus that opens the pad, for those who may turn a camera that can be turned. */
import { useState } from 'react';
import type { Camera } from '../api/nouns';
import { useT } from '../i18n/useT';
import { useMay } from '../queries/session';
import { Icon } from '../shapes/Icon';
import styles from './Ptz.module.css';
import { PtzPad } from './PtzPad';

export function PtzCorner({ camera }: { camera: Camera }) {
  const { t } = useT();
  const mayTurn = useMay('camera.ptz');
  const [open, setOpen] = useState(false);
  if (!mayTurn || !camera.onvif?.ptz) return null;
  const masked = camera.masks.length > 0; // turned, they would lie over something else
  const word = t(masked ? 'ptz:masked' : open ? 'ptz:close' : 'ptz:open');
  return (
    <div className={styles.corner}>
      {open && !masked && <PtzPad key={camera.id} camera={camera} />}
      <button type="button" className={styles.toggle} aria-pressed={open} aria-label={word} title={word} disabled={masked} onClick={() => setOpen(!open)} onDoubleClick={(event) => event.stopPropagation()} data-testid="ptz">
        <Icon name="turn" />
      </button>
    </div>
  );
}
