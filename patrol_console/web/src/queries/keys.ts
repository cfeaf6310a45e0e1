/** The cache's names, one a noun; an event of the server says which noun to read again. */
export const keys = {
  session: ['session'] as const,
  hub: ['hub'] as const,
  machine: ['machine'] as const,
  areas: ['area'] as const,
  cameras: ['camera', 'list'] as const,
  camera: (id: string) => ['camera', 'one', id] as const,
  viewings: (id: string) => ['camera', 'viewings', id] as const,
  alerts: ['alert', 'list'] as const,
  layouts: ['layout'] as const,
  screens: ['screen', 'list'] as const,
  screen: (name: string) => ['screen', 'one', name] as const,
  alert: (id: string) => ['alert', 'one', id] as const,
};
