/** The corners of the chosen zone: dragged by the pointer, moved by the arrow keys; between them, a place for a new one. */
import type { Dispatch, KeyboardEvent, PointerEvent } from 'react';
import type { Point } from '../api/nouns';
import { useT } from '../i18n/useT';
import styles from './ZonePicture.module.css';
import { middle, type Edit, type ZoneDraft } from './zoneEditing';

interface Props {
  zone: number;
  draft: ZoneDraft | undefined;
  edit: Dispatch<Edit>;
  at: (event: PointerEvent) => Point;
}

const step = 0.005;

export function CornerHandles({ zone, draft, edit, at }: Props) {
  const { t } = useT();
  if (!draft) return null;

  function onKey(event: KeyboardEvent, corner: number, [x, y]: Point): void {
    const by = event.shiftKey ? step * 5 : step;
    const moves: Record<string, Point> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const move = moves[event.key];
    if (move) edit({ do: 'move corner', zone, corner, to: [x + move[0], y + move[1]] });
    else if (event.key === 'Delete' || event.key === 'Backspace') edit({ do: 'remove corner', zone, corner });
    else return;
    event.preventDefault();
  }

  return (
    <>
      {draft.polygon.map((corner, i) => {
        const next = draft.polygon[(i + 1) % draft.polygon.length] ?? corner;
        return (
          <span key={i} onClick={(event) => event.stopPropagation()}>
            <button
              type="button"
              className={styles.corner}
              style={place(corner)}
              aria-label={t('camera:zones.corner', { name: draft.name, number: i + 1 })}
              title={t('camera:zones.corner', { name: draft.name, number: i + 1 })}
              data-testid={`corner-${i}`}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                edit({ do: 'grip' });
              }}
              onPointerMove={(event) => {
                if (event.currentTarget.hasPointerCapture(event.pointerId)) edit({ do: 'move corner', zone, corner: i, to: at(event), kept: true });
              }}
              onDoubleClick={() => edit({ do: 'remove corner', zone, corner: i })}
              onKeyDown={(event) => onKey(event, i, corner)}
            />
            <button
              type="button"
              className={styles.edge}
              style={place(middle(corner, next))}
              aria-label={t('camera:zones.addCorner')}
              title={t('camera:zones.addCorner')}
              data-testid={`edge-${i}`}
              onClick={() => edit({ do: 'add corner', zone, after: i })}
            />
          </span>
        );
      })}
    </>
  );
}

function place([x, y]: Point): { left: string; top: string } {
  return { left: `${x * 100}%`, top: `${y * 100}%` };
}
