/** The panes of a wall or a screen in their layout. A status of one camera draws that camera's pane anew and no other. */
import type { CSSProperties, Ref } from 'react';
import type { Camera, Severity } from '../api/nouns';
import { useT } from '../i18n/useT';
import { shapes, type Layout, type Slots } from './arrangement';
import { useDragging } from './drag';
import { Pane, type PaneActions } from './Pane';
import styles from './WallPage.module.css';

interface Props {
  ref?: Ref<HTMLDivElement>;
  layout: Layout;
  slots: Slots;
  byId: ReadonlyMap<string, Camera>;
  waiting: boolean; // it is not known yet what stands where
  ahead: Slots | null;
  overlaps: boolean;
  edges: ReadonlyMap<string, Severity>;
  chosen: number | null;
  big: number | null;
  actions: PaneActions;
  whole?: React.ReactNode; // instead of panes: an error, an empty area
}

export function PaneGrid({ ref, layout, slots, byId, waiting, ahead, overlaps, edges, chosen, big, actions, whole }: Props) {
  const { t } = useT();
  const dragging = useDragging();
  const { side, large } = shapes[layout];
  const style = { '--side': side, '--large': large } as CSSProperties;
  const find = (id: string | null | undefined) => (id && byId.get(id)) || null;
  return (
    <div className={styles.grid} ref={ref} style={style} aria-label={t('wall:title')} data-testid="wall" data-layout={layout} data-dragging={dragging ?? undefined}>
      {whole ? (
        <div className={styles.whole}>{whole}</div>
      ) : (
        slots.map((id, i) =>
          waiting ? (
            <div key={i} className={styles.blank} data-large={large > 1 && i === 0} />
          ) : (
            <Pane
              key={i}
              number={i}
              camera={find(id)}
              missing={id !== null && !byId.has(id)}
              ahead={find(ahead?.[i])}
              overlaps={overlaps}
              chosen={i === chosen}
              large={large > 1 && i === 0}
              big={big === i}
              hidden={big !== null && big !== i}
              edge={(id && edges.get(id)) || null}
              actions={actions}
            />
          ),
        )
      )}
    </div>
  );
}
