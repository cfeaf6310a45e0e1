/** This machine now; read again every two seconds for as long as somebody looks at it. */
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { keys } from './keys';

const everyMs = 2000;

export function useMachine(enabled: boolean) {
  return useQuery({
    queryKey: keys.machine,
    queryFn: () => take(api.GET('/api/machine')),
    enabled,
    refetchInterval: everyMs,
    staleTime: 0,
  });
}
