/** The drawing over the picture: one layer to be edited (zones or masks), the other beneath it, corners as buttons. */
import { useEffect, useRef, useState, type Dispatch, type KeyboardEvent, type MouseEvent, type PointerEvent } from 'react';
import type { Point, Polygon } from '../api/nouns';
import { useT } from '../i18n/useT';
import { CornerHandles } from './CornerHandles';
import type { LayerName } from './useDrawing';
import styles from './ZonePicture.module.css';
import { centre, leastCorners, type Edit, type Editing } from './zoneEditing';

interface Props {
  layer: LayerName;
  editing: Editing;
  beneath: readonly Polygon[]; // of the other layer
  mayEdit: boolean;
  edit: Dispatch<Edit>;
  onFinish: () => void;
}

const closeWithin = 0.02; // a click so near to the first corner closes the zone
const step = 0.01;

export function ZoneCanvas({ layer, editing, beneath, mayEdit, edit, onFinish }: Props) {
  const { t } = useT();
  const box = useRef<HTMLDivElement>(null);
  const [cross, setCross] = useState<Point>([0.5, 0.5]);
  const { drawing, zones, selected } = editing;
  const isDrawing = drawing !== null;
  const [own, other] = layer === 'zones' ? [styles.zone, styles.mask] : [styles.mask, styles.zone];

  useEffect(() => {
    if (!isDrawing) return;
    setCross([0.5, 0.5]);
    box.current?.focus(); // from here on the arrow keys move the cross
  }, [isDrawing]);

  function at(event: MouseEvent | PointerEvent): Point {
    const area = box.current?.getBoundingClientRect();
    return area ? [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height] : [0, 0];
  }

  function place(point: Point): void {
    const first = drawing?.[0];
    const closes = first && drawing.length >= leastCorners && Math.hypot(point[0] - first[0], point[1] - first[1]) < closeWithin;
    if (closes) onFinish();
    else edit({ do: 'set corner', at: point });
  }

  function onKey(event: KeyboardEvent): void {
    if (!drawing || event.target !== box.current) return;
    const by = event.shiftKey ? step * 5 : step;
    const moves: Record<string, Point> = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const move = moves[event.key];
    if (move) setCross(([x, y]) => [Math.min(1, Math.max(0, x + move[0])), Math.min(1, Math.max(0, y + move[1]))]);
    else if (event.key === ' ') place(cross);
    else if (event.key === 'Enter') onFinish();
    else if (event.key === 'Escape') edit({ do: 'give up' });
    else return;
    event.preventDefault();
  }

  return (
    <div
      ref={box}
      className={styles.canvas}
      data-drawing={isDrawing}
      data-testid="zone-editor"
      role="application"
      aria-label={t('camera:zones.editor')}
      tabIndex={drawing ? 0 : -1}
      onClick={(event) => (drawing ? place(at(event)) : event.target === box.current && edit({ do: 'select', zone: null }))}
      onPointerMove={(event) => drawing && setCross(at(event))}
      onKeyDown={onKey}
    >
      <svg className={styles.shapes} viewBox="0 0 1 1" preserveAspectRatio="none">
        {beneath.map((polygon, i) => (
          <polygon key={`b${i}`} points={points(polygon)} className={other} />
        ))}
        {zones.map((zone, i) => (
          <polygon
            key={i}
            points={points(zone.polygon)}
            className={own}
            data-selected={i === selected}
            onClick={(event) => {
              if (drawing || !mayEdit) return;
              event.stopPropagation();
              edit({ do: 'select', zone: i });
            }}
          />
        ))}
        {drawing && <polyline points={points([...drawing, cross])} className={styles.line} />}
      </svg>
      {zones.map((zone, i) => (
        <span key={i} className={styles.label} style={position(centre(zone.polygon))}>
          {zone.name}
        </span>
      ))}
      {drawing?.map((corner, i) => <i key={i} className={styles.dot} style={position(corner)} />)}
      {drawing && <i className={styles.cross} style={position(cross)} />}
      {selected !== null && !drawing && <CornerHandles zone={selected} draft={zones[selected]} edit={edit} at={at} />}
    </div>
  );
}

export function position([x, y]: Point): { left: string; top: string } {
  return { left: `${x * 100}%`, top: `${y * 100}%` };
}

function points(polygon: Polygon): string {
  return polygon.map(([x, y]) => `${x},${y}`).join(' ');
}
