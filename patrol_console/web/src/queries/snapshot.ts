/** A camera's snapshot (快照) with the time at which it was taken; renewed every ten seconds where asked for. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Problem, problemOf } from '../api/problem';
import { keys } from './keys';

export interface Snapshot {
  address: string; // of a blob in this page
  capturedAt: string;
}

const renewMs = 10_000;

export function useSnapshot(cameraId: string, renewed: boolean) {
  const query = useQuery({
    queryKey: [...keys.camera(cameraId), 'snapshot'],
    queryFn: () => takeSnapshot(cameraId),
    refetchInterval: renewed ? renewMs : false,
    staleTime: renewMs,
    gcTime: 0,
  });
  const address = query.data?.address;
  useEffect(() => (address ? () => URL.revokeObjectURL(address) : undefined), [address]);
  return query;
}

async function takeSnapshot(cameraId: string): Promise<Snapshot> {
  let answer: Response;
  try {
    answer = await fetch(`/api/cameras/${encodeURIComponent(cameraId)}/snapshot.jpg`, { cache: 'no-store' });
  } catch (cause) {
    throw Problem.unreachable(cause);
  }
  if (!answer.ok) throw problemOf(await answer.json().catch(() => null), answer.status);
  const capturedAt = answer.headers.get('X-Captured-At') ?? new Date().toISOString();
  return { address: URL.createObjectURL(await answer.blob()), capturedAt };
}
