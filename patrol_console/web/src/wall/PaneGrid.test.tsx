/** What is drawn anew, and what stays on a pane while another picture comes. */
import { act, cleanup, render, screen } from '@testing-library/react';
import { useEffect, type ReactNode } from 'react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Camera } from '../api/nouns';
import '../i18n';
import type { PlayerState } from '../player/state';
import type { Slots } from './arrangement';
import type { PaneActions } from './Pane';
import { PaneGrid } from './PaneGrid';

const drawn = new Map<string, number>();
const tell = new Map<string, (kind: PlayerState['kind']) => void>();

interface LiveProps {
  camera: Camera;
  onState: (kind: PlayerState['kind']) => void;
  children: (state: PlayerState, lagMs: () => number) => ReactNode;
}

vi.mock('../live/LiveView', () => ({
  LiveView: ({ camera, onState, children }: LiveProps) => {
    drawn.set(camera.id, (drawn.get(camera.id) ?? 0) + 1);
    tell.set(camera.id, onState);
    useEffect(() => onState('connecting'), [onState]);
    return <div data-testid={`live-${camera.id}`}>{children({ kind: 'connecting', since: 0 }, () => 0)}</div>;
  },
}));

const actions: PaneActions = { choose: () => {}, enlarge: () => {}, change: { takeOut: () => {}, drop: () => {} } };
const none = new Map();

function camera(id: string): Camera {
  return { id, name: id, state: 'online', simulated: false } as Camera;
}

function Wall({ slots, byId, overlaps = true, ahead = null }: { slots: Slots; byId: ReadonlyMap<string, Camera>; overlaps?: boolean; ahead?: Slots | null }) {
  return (
    <MemoryRouter>
      <PaneGrid layout={25} slots={slots} byId={byId} waiting={false} ahead={ahead} overlaps={overlaps} edges={none} chosen={0} big={null} actions={actions} />
    </MemoryRouter>
  );
}

const ids = Array.from({ length: 25 }, (_, i) => `c${i}`);
const all = new Map([...ids, 'x', 'y'].map((id) => [id, camera(id)]));

beforeEach(() => {
  drawn.clear();
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test('a status of one camera draws its pane anew and none of the other 24', () => {
  const { rerender } = render(<Wall slots={ids} byId={all} />);
  drawn.clear();
  rerender(<Wall slots={ids} byId={new Map(all).set('c7', { ...camera('c7'), state: 'degraded' })} />);
  expect([...drawn.keys()]).toEqual(['c7']);
  expect(drawn.get('c7')).toBeLessThanOrEqual(2);
});

test('the old picture stays until the new one has its first frame', () => {
  const { rerender } = render(<Wall slots={['c0']} byId={all} />);
  act(() => tell.get('c0')?.('live'));
  rerender(<Wall slots={['x']} byId={all} />);
  expect(screen.getByTestId('live-c0').parentElement?.dataset.top).toBe('true');
  expect(screen.getByTestId('live-x').parentElement?.dataset.top).toBe('false');
  act(() => tell.get('x')?.('live'));
  expect(screen.queryByTestId('live-c0')).toBeNull();
  expect(screen.getByTestId('live-x').parentElement?.dataset.top).toBe('true');
});

test('patience ends: a camera that does not come is shown as it is', () => {
  const { rerender } = render(<Wall slots={['c0']} byId={all} />);
  rerender(<Wall slots={['x']} byId={all} />);
  act(() => void vi.advanceTimersByTime(3100));
  expect(screen.queryByTestId('live-c0')).toBeNull();
});

test('what a tour got ready is shown at once', () => {
  const { rerender } = render(<Wall slots={['c0']} byId={all} />);
  rerender(<Wall slots={['c0']} byId={all} ahead={['x']} />);
  act(() => tell.get('x')?.('live'));
  expect(screen.getByTestId('live-c0').parentElement?.dataset.top).toBe('true');
  rerender(<Wall slots={['x']} byId={all} />);
  expect(screen.queryByTestId('live-c0')).toBeNull();
});

test('where too many windows are open a pane never has two players', () => {
  const { rerender } = render(<Wall slots={['c0']} byId={all} overlaps={false} />);
  rerender(<Wall slots={['x']} byId={all} overlaps={false} ahead={['y']} />);
  expect(screen.queryByTestId('live-c0')).toBeNull();
  expect(screen.queryByTestId('live-y')).toBeNull();
});

test('a camera that one may no longer see leaves a place without its name', () => {
  render(<Wall slots={['secret']} byId={all} />);
  expect(screen.getByTestId('missing').textContent).toContain('已移除或无权查看');
  expect(document.body.innerHTML).not.toContain('secret');
});
