/** The cache's names, one a noun; an event of the server says which noun to read again. */
export const keys = {
  session: ['session'] as const,
  hub: ['hub'] as const,
  machine: ['machine'] as const,
  areas: ['area'] as const,
  cameras: ['camera', 'list'] as const,
  camera: (id: string) => ['camera', 'one', id] as const,
  viewings: (id: string) => ['camera', 'viewings', id] as const,
  states: (id: string) => ['camera', 'states', id] as const,
  units: ['unit'] as const,
  uplinks: ['uplink'] as const,
  outage: (id: string) => ['outage', 'one', id] as const,
  online: ['report', 'online'] as const,
  alerts: ['alert', 'list'] as const,
  alert: (id: string) => ['alert', 'one', id] as const,
};
