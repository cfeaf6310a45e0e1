/** A fresh alert of a camera that is not on the wall now: one line, and a key that leads there. It never takes a pane. */
import type { CSSProperties } from 'react';
import type { Camera } from '../api/nouns';
import { wordFor } from '../i18n';
import { useT } from '../i18n/useT';
import { useAlert } from '../queries/alerts';
import { SeverityMark } from '../shapes/SeverityMark';
import type { FreshAlert } from './alertEdges';
import styles from './WallPage.module.css';

interface Props {
  alert: FreshAlert;
  camera: Camera;
  group: number | null; // from 0; null: in no group of this wall
  onJump: (() => void) | null; // null: a screen, where nobody presses keys
}

export function AlertElsewhere({ alert, camera, group, onJump }: Props) {
  const { t } = useT();
  const kind = useAlert(alert.id).data?.kind;
  return (
    <div className={`${styles.float} ${styles.elsewhere}`} style={{ '--edge': `var(--${alert.severity})` } as CSSProperties} role="status" data-testid="alert-elsewhere">
      <SeverityMark severity={alert.severity} />
      <span>
        {camera.name} {kind && wordFor('alertKind', kind)}
        {group !== null && ` · ${t('wall:inGroup', { group: group + 1 })}`}
      </span>
      {onJump && (
        <button type="button" className={styles.tool} onClick={onJump} data-testid="alert-jump">
          {group === null ? t('wall:openAlert') : t('wall:jump')} <kbd>G</kbd>
        </button>
      )}
    </div>
  );
}
