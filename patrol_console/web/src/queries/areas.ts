/** The tree of areas that this person may see, with how many cameras are there and online. */
import { useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import type { Area } from '../api/nouns';
import { keys } from './keys';

export interface AreaNode extends Area {
  children: AreaNode[];
}

export function useAreas() {
  return useQuery({ queryKey: keys.areas, queryFn: () => take(api.GET('/api/areas')), select: (answer) => answer.items });
}

/** Roots are those whose parent is not among them: a person of one village has that village as root. */
export function treeOf(areas: readonly Area[]): AreaNode[] {
  const nodes = new Map<string, AreaNode>(areas.map((area) => [area.id, { ...area, children: [] }]));
  const roots: AreaNode[] = [];
  for (const node of nodes.values()) {
    const parent = node.parent_id ? nodes.get(node.parent_id) : undefined;
    (parent?.children ?? roots).push(node);
  }
  return roots;
}

/** The area and all beneath it. */
export function idsWithin(areas: readonly Area[], root: string): Set<string> {
  const ids = new Set([root]);
  let grew = true;
  while (grew) {
    grew = false;
    for (const area of areas) {
      if (area.parent_id && ids.has(area.parent_id) && !ids.has(area.id)) {
        ids.add(area.id);
        grew = true;
      }
    }
  }
  return ids;
}
