/** Sizes and rates in words of a width that does not jump: three digits at most, binary units as the system tools use. */
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function figureText(value: number | null, digits = 0): string | null {
  return value === null ? null : value.toFixed(digits);
}
