/** What this hub is: its centre, its time, whether its cameras are simulated. */
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { setCentreTime } from '../time/centre';
import { keys } from './keys';

export function useHub() {
  return useQuery({
    queryKey: keys.hub,
    queryFn: async () => {
      const asked = Date.now();
      const hub = await take(api.GET('/api/hub'));
      setCentreTime(hub.timezone, hub.server_time, (asked + Date.now()) / 2);
      return hub;
    },
    staleTime: 10 * 60_000,
    refetchInterval: 10 * 60_000, // the two clocks drift
  });
}
