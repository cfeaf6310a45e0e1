/** What an import says: how far it is, what can be done after a dry run, and that only where there is something to do. */
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, expect, test, vi } from 'vitest';
import type { CameraImportDetail } from '../api/nouns';
import '../i18n';
import { ImportResult } from './ImportResult';

afterEach(cleanup);

const dry: CameraImportDetail = {
  id: 'import_1',
  file_name: '台账.csv',
  dry_run: true,
  state: 'done',
  total: 3,
  done: 3,
  counts: { created: 2, changed: 0, unchanged: 0, refused: 1 },
  unknown_columns: ['备注'],
  began_at: '2026-03-02T01:00:00Z',
  ended_at: '2026-03-02T01:00:01Z',
  lines: [],
  cut: false,
};

function show(result: CameraImportDetail, onDo: (() => void) | null): void {
  render(
    <MemoryRouter>
      <ImportResult result={result} starting={false} onDo={onDo} />
    </MemoryRouter>,
  );
}

test('after a dry run the import itself is one click away and says how many cameras it is for', () => {
  const go = vi.fn();
  show(dry, go);
  fireEvent.click(screen.getByTestId('import-do'));
  expect(go).toHaveBeenCalledOnce();
  expect(screen.getByTestId('import-do').textContent).toContain('2');
  expect(screen.getByText(/备注/)).toBeTruthy();
});

test('a dry run that finds nothing to do offers nothing to do', () => {
  show({ ...dry, counts: { created: 0, changed: 0, unchanged: 2, refused: 1 } }, vi.fn());
  expect((screen.getByTestId('import-do') as HTMLButtonElement).disabled).toBe(true);
});

test('a dry run that is found again later, without its file, says to choose it again', () => {
  show(dry, null);
  expect(screen.queryByTestId('import-do')).toBeNull();
  expect(screen.getByText(/再选一次文件/)).toBeTruthy();
});

test('one that goes on shows its count and says that the page may be left', () => {
  show({ ...dry, dry_run: false, state: 'running', done: 1 }, null);
  expect(screen.getByTestId('import-progress').textContent).toContain('第 1 行，共 3 行');
  expect((screen.getByTestId('import-result-file') as HTMLButtonElement).disabled).toBe(true);
});

test('one that was cut off says that the same file does the rest', () => {
  show({ ...dry, dry_run: false, state: 'stopped', done: 1 }, null);
  expect(screen.getByRole('alert').textContent).toContain('同一个文件');
});
