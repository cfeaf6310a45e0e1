/** Where a pane is let go to leave the wall; there only while one is carried. */
import { useState } from 'react';
import { useT } from '../i18n/useT';
import { dragged, useDragging } from './drag';
import styles from './WallPage.module.css';

export function TakeOutStrip({ onTakeOut }: { onTakeOut: (pane: number) => void }) {
  const { t } = useT();
  const carried = useDragging();
  const [over, setOver] = useState(false);
  if (carried !== 'pane') return null;
  return (
    <div
      className={`${styles.float} ${styles.strip}`}
      data-over={over}
      data-testid="take-out"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        const what = dragged(event.dataTransfer);
        event.preventDefault();
        if (what?.kind === 'pane') onTakeOut(what.pane);
      }}
    >
      {t('wall:takeOutHere')}
    </div>
  );
}
