/**
 * A plain plan of places (地图选点): the cameras of an area to scale, and one place that is set by click, drag or arrow
 * keys. Asks no server for tiles: a closed network has none. Knows nothing of cameras but their names and places.
 */
import { Button } from 'antd';
import { useMemo } from 'react';
import { useT } from '../i18n/useT';
import { Icon } from '../shapes/Icon';
import styles from './Plan.module.css';
import { Projection, type Metres, type Position } from './projection';
import { usePlanView } from './usePlanView';
import { gridLines, scaleBar, toMetres, toPx, type Size, type View } from './view';

export interface Place extends Position {
  id: string;
  name: string;
  near: boolean; // those that the plan shows at first; the others are there for whoever looks farther
}

interface Props {
  places: readonly Place[]; // the others
  chosen: Position | null;
  onChoose: (position: Position) => void;
}

const barPx = 120;
const gridPx = 110;
const mostNames = 40; // more than these would only cover each other
const stepPx = 4; // of an arrow key; ten times with shift

export function Plan({ places, chosen, onChoose }: Props) {
  const { t } = useT();
  // About the others, and about the first choice where there are none: a plan that moved with each choice would be none.
  const projection = useMemo(() => Projection.about(places.length > 0 ? places : chosen ? [chosen] : []), [places]); // eslint-disable-line react-hooks/exhaustive-deps
  const points = useMemo(() => places.map((place) => projection.metres(place)), [places, projection]);
  const mine = chosen && projection.metres(chosen);
  const near = useMemo(() => points.filter((_, i) => places[i]?.near), [points, places]);
  const all = useMemo(() => (mine ? [...near, mine] : near), [near, mine?.x, mine?.y]); // eslint-disable-line react-hooks/exhaustive-deps -- the numbers, not the object
  const place = (at: Metres) => onChoose(projection.position(at));
  const { svg, size, view, hands, zoomBy, all: showAll } = usePlanView(all, place);

  function onKey(event: React.KeyboardEvent): void {
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    if (step && view) {
      const far = stepPx * (event.shiftKey ? 10 : 1) * view.metresPerPx;
      const from = mine ?? view.middle;
      place({ x: from.x + step[0] * far, y: from.y + step[1] * far });
    } else if (event.key === '+' || event.key === '=') zoomBy(1 / 1.5);
    else if (event.key === '-') zoomBy(1.5);
    else if (event.key === '0') showAll();
    else return;
    event.preventDefault();
  }

  return (
    <div className={styles.plan}>
      <svg ref={svg} className={styles.field} role="application" tabIndex={0} aria-label={t('join:plan.label')} onKeyDown={onKey} {...hands} data-testid="plan">
        {view && (
          <>
            <Grid view={view} size={size} />
            <Others places={places} points={points} view={view} size={size} />
            {mine && <Mine at={toPx(mine, view, size)} />}
          </>
        )}
      </svg>
      <div className={styles.tools}>
        <Button icon={<Icon name="plus" />} onClick={() => zoomBy(1 / 1.5)} aria-label={t('join:plan.closer')} title={t('join:plan.closer')} />
        <Button icon={<Icon name="minus" />} onClick={() => zoomBy(1.5)} aria-label={t('join:plan.farther')} title={t('join:plan.farther')} />
        <Button icon={<Icon name="full" />} onClick={showAll} aria-label={t('join:plan.all')} title={t('join:plan.all')} />
      </div>
      {view && <ScaleBar view={view} />}
      <span className={styles.north} aria-hidden="true">
        {t('join:plan.north')}
      </span>
    </div>
  );
}

function Grid({ view, size }: { view: View; size: Size }) {
  const step = scaleBar(view.metresPerPx, gridPx).metres;
  const from = toMetres({ left: 0, top: size.height }, view, size);
  const to = toMetres({ left: size.width, top: 0 }, view, size);
  return (
    <g className={styles.grid}>
      {gridLines(from.x, to.x, step).map((x) => {
        const { left } = toPx({ x, y: 0 }, view, size);
        return <path key={`x${x}`} d={`M${left} 0V${size.height}`} />;
      })}
      {gridLines(from.y, to.y, step).map((y) => {
        const { top } = toPx({ x: 0, y }, view, size);
        return <path key={`y${y}`} d={`M0 ${top}H${size.width}`} />;
      })}
    </g>
  );
}

function Others({ places, points, view, size }: { places: readonly Place[]; points: readonly Metres[]; view: View; size: Size }) {
  const seen = places.flatMap((place, i) => {
    const point = points[i];
    if (!point) return [];
    const at = toPx(point, view, size);
    return at.left > -20 && at.left < size.width + 20 && at.top > -20 && at.top < size.height + 20 ? [{ place, at }] : [];
  });
  const named = seen.length <= mostNames;
  return (
    <g className={styles.others}>
      {seen.map(({ place, at }) => (
        <g key={place.id} data-near={place.near} transform={`translate(${at.left} ${at.top})`}>
          <title>{place.name}</title>
          <circle r="4" />
          {named && (
            <text x="8" y="4">
              {place.name}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

function Mine({ at }: { at: { left: number; top: number } }) {
  return (
    <g className={styles.mine} transform={`translate(${at.left} ${at.top})`} data-held data-testid="plan-place">
      <circle className={styles.grip} r="22" />
      <path d="M0 0C-12 -15 -13 -28 0 -32C13 -28 12 -15 0 0Z" />
      <circle className={styles.eye} cy="-20" r="4.5" />
    </g>
  );
}

function ScaleBar({ view }: { view: View }) {
  const { t } = useT();
  const bar = scaleBar(view.metresPerPx, barPx);
  return (
    <span className={styles.scale} data-testid="plan-scale">
      <i style={{ width: bar.px }} />
      {bar.metres >= 1000 ? t('join:plan.kilometres', { value: bar.metres / 1000 }) : t('join:plan.metres', { value: Number(bar.metres.toPrecision(2)) })}
    </span>
  );
}
