/** Imports of many cameras: one's own, one of them while it goes on, and the files that go with them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { ImportOutcome } from '../api/nouns';
import { keys } from './keys';

export type Coordinates = 'wgs84' | 'gcj02';
export type TableKind = 'csv' | 'xlsx';

const everyMs = 700;
const linesWhileRunning = 200;
const linesAtTheEnd = 10_000;

export interface ImportWish {
  file: File;
  coordinates: Coordinates;
  dryRun: boolean;
}

export function useImports() {
  return useQuery({ queryKey: keys.imports, queryFn: () => take(api.GET('/api/cameras/imports')), select: (answer) => answer.items });
}

/** Read again while it runs; once it is over, with all its rows. */
export function useImport(id: string | null) {
  const cache = useQueryClient();
  return useQuery({
    queryKey: keys.import(id ?? ''),
    enabled: id !== null,
    queryFn: async () => {
      const way = { import_id: id ?? '' };
      const now = await take(api.GET('/api/cameras/imports/{import_id}', { params: { path: way, query: { lines: linesWhileRunning } } }));
      if (now.state !== 'running') void cache.invalidateQueries({ queryKey: keys.imports });
      if (now.state === 'running' || !now.cut) return now;
      return take(api.GET('/api/cameras/imports/{import_id}', { params: { path: way, query: { lines: linesAtTheEnd } } }));
    },
    refetchInterval: (query) => (query.state.data?.state === 'running' ? everyMs : false),
  });
}

export function useStartImport() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ file, coordinates, dryRun }: ImportWish) => {
      const form = new FormData();
      form.append('dry_run', String(dryRun));
      form.append('coordinates', coordinates);
      form.append('file', file);
      return take(api.POST('/api/cameras/import', { body: form as never, bodySerializer: (body) => body as unknown as FormData }));
    },
    onSuccess: () => void cache.invalidateQueries({ queryKey: keys.imports }),
  });
}

export async function templateFile(kind: TableKind): Promise<Blob> {
  return blob(api.GET('/api/cameras/import-template', { params: { query: { kind } }, parseAs: 'blob' }));
}

export async function exportFile(kind: TableKind, areaId: string | null): Promise<Blob> {
  return blob(api.GET('/api/cameras/export', { params: { query: { kind, area_id: areaId ?? undefined } }, parseAs: 'blob' }));
}

export async function resultFile(id: string): Promise<Blob> {
  return blob(api.GET('/api/cameras/imports/{import_id}/result.csv', { params: { path: { import_id: id } }, parseAs: 'blob' }));
}

export const outcomes = ['refused', 'created', 'changed', 'unchanged'] as const satisfies readonly ImportOutcome[];

async function blob(call: Parameters<typeof take<unknown>>[0]): Promise<Blob> {
  return (await take(call)) as Blob;
}
