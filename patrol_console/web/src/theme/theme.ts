/** Ant Design under our tokens, and the same tokens as CSS variables. The only file that configures Ant Design's look. */
import { theme as antd, type ThemeConfig } from 'antd';
import { fontFamily, measures, palettes, type ThemeName } from './tokens';

/** The configuration of Ant Design for one palette. */
export function antTheme(name: ThemeName): ThemeConfig {
  const p = palettes[name];
  return {
    algorithm: name === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      colorPrimary: p.accentFill,
      colorInfo: p.accent,
      colorLink: p.accentText,
      colorError: p.red,
      colorErrorText: p.danger,
      colorWarning: p.orange,
      colorSuccess: p.good,
      colorBgBase: p.ground,
      colorBgLayout: p.ground,
      colorBgContainer: p.raised,
      colorBgElevated: p.raised,
      colorText: p.text,
      colorTextSecondary: p.quiet,
      colorTextTertiary: p.quiet,
      colorTextDescription: p.quiet,
      colorTextPlaceholder: p.quiet,
      colorBorder: p.line,
      colorBorderSecondary: p.line,
      colorSplit: p.line,
      borderRadius: measures.radius,
      borderRadiusLG: 6,
      controlHeight: measures.control,
      fontFamily,
      fontSize: 14,
      lineHeight: 1.5,
      motionDurationMid: '0.1s',
      motionDurationSlow: '0.15s',
      boxShadow: 'none',
      boxShadowSecondary: '0 8px 24px rgb(0 0 0 / 0.35)',
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500, defaultBg: 'transparent' },
      Table: {
        headerBg: p.surface,
        headerColor: p.quiet,
        headerSplitColor: 'transparent',
        rowHoverBg: p.hover,
        rowSelectedBg: p.raised,
        rowSelectedHoverBg: p.hover,
        colorBgContainer: p.surface,
        cellPaddingBlockMD: 9,
      },
      Modal: { contentBg: p.surface, headerBg: p.surface },
      Select: { optionSelectedBg: p.hover },
      Segmented: { trackBg: p.ground, itemSelectedBg: p.hover, itemSelectedColor: p.text, itemColor: p.quiet },
      Form: { itemMarginBottom: 16, labelColor: p.quiet },
      Tooltip: { colorBgSpotlight: p.hover, colorTextLightSolid: p.text },
    },
  };
}

/** Puts the palette on the document, for our own sheets. */
export function paintDocument(name: ThemeName): void {
  const style = document.documentElement.style;
  for (const [key, value] of Object.entries(palettes[name])) style.setProperty(`--${kebab(key)}`, value);
  style.setProperty('--rail', measures.rail);
  style.setProperty('--bar', measures.bar);
  style.setProperty('--font', fontFamily);
  style.colorScheme = name;
  document.documentElement.dataset.theme = name;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
