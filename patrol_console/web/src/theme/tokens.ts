/**
 * Every colour and measure of the page, in two palettes. Nothing else in the page names a colour.
 * The palettes become CSS variables (`--surface`, …) for our own sheets and the tokens of Ant Design in `theme.ts`.
 */
export interface Palette {
  ground: string; // behind everything
  surface: string; // bars, lists, panels
  raised: string; // what lies upon a surface: fields, menus, the chosen row
  hover: string;
  line: string;
  text: string;
  quiet: string; // second words; 4.5:1 and more on each of the three grounds
  accent: string; // edges and marks of what can be done
  accentFill: string; // the ground of the one primary button; white upon it is 4.5:1 and more
  accentText: string; // the accent as a word
  good: string;
  red: string;
  orange: string;
  yellow: string;
  blue: string;
  danger: string; // a destructive word
}

export const dark: Palette = {
  ground: '#0f1115',
  surface: '#171a21',
  raised: '#1f232c',
  hover: '#262b36',
  line: '#2b303b',
  text: '#e6e8ec',
  quiet: '#9aa3b2',
  accent: '#3b82f6',
  accentFill: '#2f6fe0',
  accentText: '#7fb0ff',
  good: '#46a758',
  red: '#e5484d',
  orange: '#f76b15',
  yellow: '#f5d90a',
  blue: '#0091ff',
  danger: '#ff7b80',
};

export const light: Palette = {
  ground: '#f3f4f6',
  surface: '#ffffff',
  raised: '#f7f8fa',
  hover: '#eef0f4',
  line: '#d9dce3',
  text: '#1b1f27',
  quiet: '#596171',
  accent: '#2f6fe0',
  accentFill: '#2461cf',
  accentText: '#1d56bd',
  good: '#2b7a3c',
  red: '#e5484d',
  orange: '#f76b15',
  yellow: '#c7a600',
  blue: '#0091ff',
  danger: '#bf2a30',
};

export type ThemeName = 'dark' | 'light';
export const palettes: Record<ThemeName, Palette> = { dark, light };

/** Widths and heights that more than one sheet must agree on. */
export const measures = { rail: '60px', bar: '44px', control: 32, radius: 4 } as const;

export const fontFamily =
  '"Inter", "Segoe UI", "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif';
