/** The plan's geometry: degrees to metres and back, zooming about the pointer, a scale bar that says the truth. */
import { describe, expect, test } from 'vitest';
import { distanceM, Projection } from './projection';
import { fit, gridLines, pan, scaleBar, toMetres, toPx, zoom } from './view';

const gate = { longitude: 119.92315, latitude: 28.45621 }; // a township in Zhejiang
const size = { width: 800, height: 500 };

describe('degrees and metres', () => {
  test('there and back is the same place', () => {
    const projection = Projection.about([gate, { longitude: 119.95, latitude: 28.47 }]);
    expect(projection.position(projection.metres(gate))).toEqual(gate);
  });

  test('a kilometre is a kilometre', () => {
    // GeographicLib: 0.01 degrees of latitude there are 1108.1 m, of longitude 979.4 m
    expect(distanceM(gate, { ...gate, latitude: gate.latitude + 0.01 })).toBeGreaterThan(1100);
    expect(distanceM(gate, { ...gate, latitude: gate.latitude + 0.01 })).toBeLessThan(1112);
    expect(distanceM(gate, { ...gate, longitude: gate.longitude + 0.01 })).toBeGreaterThan(974);
    expect(distanceM(gate, { ...gate, longitude: gate.longitude + 0.01 })).toBeLessThan(985);
  });

  test('no click leads off the globe', () => {
    const far = new Projection(gate).position({ x: 9e9, y: -9e9 });
    expect(far).toEqual({ longitude: 180, latitude: -90 });
  });
});

describe('the view', () => {
  test('shows every camera, north above', () => {
    const points = [{ x: -3000, y: 10 }, { x: 2500, y: -900 }, { x: 0, y: 700 }];
    const view = fit(points, size);
    for (const point of points) {
      const { left, top } = toPx(point, view, size);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left).toBeLessThanOrEqual(size.width);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top).toBeLessThanOrEqual(size.height);
    }
    expect(toPx({ x: 0, y: 700 }, view, size).top).toBeLessThan(toPx({ x: 0, y: -900 }, view, size).top);
  });

  test('of one camera alone shows the village around it', () => {
    const view = fit([{ x: 5, y: 5 }], size);
    expect(view.middle).toEqual({ x: 5, y: 5 });
    expect(view.metresPerPx * size.width).toBeGreaterThan(300);
  });

  test('keeps what is under the pointer when it zooms, and what is held when it pans', () => {
    const before = fit([{ x: 0, y: 0 }, { x: 900, y: 300 }], size);
    const at = { left: 123, top: 77 };
    const under = toMetres(at, before, size);
    const near = zoom(before, 0.5, at, size);
    expect(toPx(under, near, size).left).toBeCloseTo(at.left, 6);
    expect(toPx(under, near, size).top).toBeCloseTo(at.top, 6);
    const moved = pan(before, 30, -20);
    expect(toPx(under, moved, size).left).toBeCloseTo(at.left + 30, 6);
    expect(toPx(under, moved, size).top).toBeCloseTo(at.top - 20, 6);
  });

  test('ends at a pole and at a province', () => {
    let view = fit([{ x: 0, y: 0 }], size);
    for (let i = 0; i < 200; i += 1) view = zoom(view, 0.5, { left: 0, top: 0 }, size);
    expect(view.metresPerPx).toBe(0.05);
    for (let i = 0; i < 200; i += 1) view = zoom(view, 2, { left: 0, top: 0 }, size);
    expect(view.metresPerPx).toBe(2000);
  });
});

test.each([
  [1, 120, 100],
  [0.3, 120, 20],
  [3.9, 120, 200],
  [7, 120, 500],
  [2000, 120, 200_000],
])('at %f m a pixel the scale bar of %i px is %i m', (metresPerPx, mostPx, metres) => {
  const bar = scaleBar(metresPerPx, mostPx);
  expect(bar.metres).toBeCloseTo(metres, 6);
  expect(bar.px).toBeLessThanOrEqual(mostPx);
  expect(bar.px * metresPerPx).toBeCloseTo(bar.metres, 6);
});

test('a grid has its lines on whole steps and never too many', () => {
  expect(gridLines(-120, 260, 100)).toEqual([-100, 0, 100, 200]);
  expect(gridLines(0, 1e9, 1).length).toBeLessThanOrEqual(100);
});
