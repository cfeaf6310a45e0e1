/** The page's own marks, drawn with one stroke on 20×20, so that they look like one hand. */
const paths = {
  wall: 'M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z',
  alerts: 'M10 3a4.5 4.5 0 0 0-4.5 4.5c0 4-1.5 5.5-1.5 5.5h12s-1.5-1.5-1.5-5.5A4.5 4.5 0 0 0 10 3zM8.5 16a1.6 1.6 0 0 0 3 0',
  cameras: 'M3 6.5 13 4l1.3 4.5-10 2.5zM8 10.2V13a2 2 0 0 1-2 2H3M14.3 8.5l2.7-.7-.8-2.8',
  settings: 'M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4',
  reports: 'M3 17h14M5 14v-4M9 14V5M13 14V8M17 14v-2',
  search: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4',
  tree: 'M3 4h5v3H3zM11 9h6v3h-6zM11 14h6v3h-6zM5.5 7v8.5H11M5.5 10.5H11',
  full: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
  left: 'M12 4l-6 6 6 6',
  right: 'M8 4l6 6-6 6',
  up: 'M4 12.5l6-6 6 6',
  home: 'M3.5 9.5 10 4l6.5 5.5M5.5 8v8h9V8',
  turn: 'M10 2.5v15M2.5 10h15M7.5 5 10 2.5 12.5 5M7.5 15l2.5 2.5 2.5-2.5M5 7.5 2.5 10 5 12.5M15 7.5l2.5 2.5-2.5 2.5',
  down: 'M4 7.5l6 6 6-6',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  close: 'M5 5l10 10M15 5 5 15',
  keys: 'M2.5 5.5h15v9h-15zM5.5 8.5h1M9.5 8.5h1M13.5 8.5h1M6.5 11.5h7',
  person: 'M10 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5',
  off: 'M4 4l12 12M6 5h7v3l4-2v8M13 13v2H3V6',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6',
  pen: 'M4 16l1-4 8.5-8.5 3 3L8 15z',
  eye: 'M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  pause: 'M7 5v10M13 5v10',
  play: 'M6.5 4.5v11l9-5.5z',
  keep: 'M5 3.5h10v13l-5-3.5-5 3.5z',
  screens: 'M2.5 4h10v7h-10zM7.5 7.5h10v7h-10zM12.5 14.5V17M10 17h5',
  sound: 'M3 8h3l4-3.5v11L6 12H3zM13 7.5a3.5 3.5 0 0 1 0 5M15 5a7 7 0 0 1 0 10',
  mute: 'M3 8h3l4-3.5v11L6 12H3zM13 8l4 4M17 8l-4 4',
  help: 'M7.5 7.5a2.5 2.5 0 1 1 3.7 2.2c-.8.4-1.2.9-1.2 1.8M10 14.5v.2',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false" style={{ flex: 'none', display: 'block' }}>
      <path d={paths[name]} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
