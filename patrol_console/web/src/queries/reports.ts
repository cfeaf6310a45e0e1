/** The online rate (在线率) of an area and of those right below it; and the same as a file. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

export interface Period {
  area: string | null;
  from: string; // days of the centre, both taken in
  to: string;
}

export function useOnlineReport(period: Period) {
  return useQuery({
    queryKey: [...keys.online, period],
    queryFn: () => take(api.GET('/api/reports/online', { params: { query: queryOf(period) } })),
    placeholderData: keepPreviousData,
    refetchInterval: 120_000,
  });
}

export async function onlineCsv(period: Period): Promise<Blob> {
  return (await take(api.GET('/api/reports/online.csv', { params: { query: queryOf(period) }, parseAs: 'blob' }))) as unknown as Blob;
}

function queryOf({ area, from, to }: Period) {
  return { area_id: area ?? undefined, from, to };
}
