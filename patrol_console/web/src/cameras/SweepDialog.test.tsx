/** A sweep as it is shown: while it runs it can be stopped, and whoever gave no picture stands there with the reason. */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, expect, test, vi } from 'vitest';
import type { SweepDetail } from '../api/nouns';
import i18n from '../i18n';
import { SweepDialog } from './SweepDialog';

const styleOf = window.getComputedStyle.bind(window);
window.getComputedStyle = (element) => styleOf(element); // jsdom knows no pseudo-elements, and says so each time

const stop = vi.fn();
let sweep: Partial<SweepDetail> = {};

vi.mock('../queries/sweeps', () => ({
  useSweep: () => ({ data: sweep, isError: false }),
  useStopSweep: () => ({ mutate: stop, isPending: false }),
}));

const counts = { total: 600, swept: 38, failed: 1, skipped: 1, detail: null };
const cameras = [
  { camera_id: 'c1', camera_name: 'gate', outcome: 'failed', cause: 'unreachable' },
  { camera_id: 'c2', camera_name: 'yard', outcome: 'skipped', cause: 'no_consent' },
  { camera_id: 'c3', camera_name: 'pond', outcome: 'swept', cause: 'none' },
] as SweepDetail['cameras'];

function shown(more: Partial<SweepDetail>): void {
  sweep = { ...counts, cameras, ...more };
  render(
    <MemoryRouter>
      <SweepDialog id="sweep_1" onClose={() => {}} />
    </MemoryRouter>,
  );
}

afterEach(() => {
  cleanup();
  stop.mockClear();
});

test('while it runs its count is told and it can be stopped', () => {
  shown({ state: 'running' });
  expect(screen.getByText('40 / 600')).toBeTruthy();
  fireEvent.click(screen.getByTestId('sweep-stop'));
  expect(stop).toHaveBeenCalledTimes(1);
});

test('who gave no picture is listed with the reason, and nobody else', () => {
  shown({ state: 'done' });
  expect(screen.queryByTestId('sweep-stop')).toBeNull();
  const list = screen.getByTestId('sweep-without');
  expect(list.querySelectorAll('li')).toHaveLength(2);
  expect(list.textContent).toContain(i18n.t('words:cause.unreachable'));
  expect(list.textContent).toContain(i18n.t('sweep:skipped'));
  expect(screen.queryByText('pond')).toBeNull();
});

test.each([
  ['somebody stopped it', null, 'sweep:stopped'],
  ['a service went away', 'patrol_console.sweep_console_gone', 'sweep:brokenOff'],
])('that it did not finish is said: %s', (_, detail, sentence) => {
  shown({ state: 'stopped', detail });
  expect(screen.getByRole('alert').textContent).toBe(i18n.t(sentence as 'sweep:stopped'));
});
