/** A layout as a small drawing of its panes: in the menu, beside a saved layout, on the card of a screen. */
import { shapes, type Layout } from './arrangement';

export function LayoutMark({ layout, size = 18 }: { layout: Layout; size?: number }) {
  const { side, large } = shapes[layout];
  const step = 16 / side;
  const gap = side > 3 ? 1 : 1.5;
  const rects = [];
  for (let cell = 0; cell < side * side; cell += 1) {
    const [row, column] = [Math.floor(cell / side), cell % side];
    const isLarge = large > 1 && row < large && column < large;
    if (isLarge && cell > 0) continue;
    const span = (isLarge ? large : 1) * step - gap;
    rects.push(<rect key={cell} x={2 + column * step + gap / 2} y={2 + row * step + gap / 2} width={span} height={span} fill="currentColor" />);
  }
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false" style={{ flex: 'none', display: 'block' }}>
      {rects}
    </svg>
  );
}
