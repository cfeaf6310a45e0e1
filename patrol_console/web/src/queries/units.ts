/** The units (单位) whose cameras there are, and a new one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { components } from '../api/schema';
import { keys } from './keys';

export function useUnits(wanted = true) {
  return useQuery({ queryKey: keys.units, queryFn: () => take(api.GET('/api/units')), select: (answer) => answer.items, enabled: wanted });
}

export function useAddUnit() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: components['schemas']['UnitCreate']) => take(api.POST('/api/units', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.units }),
  });
}
