/** Rates and hours as people read them: never rounded up to a hundred. */

/** "99.7%"; what is not whole never reads 100%. */
export function rateText(rate: number): string {
  if (rate >= 1) return '100%';
  return `${(Math.floor(rate * 1000) / 10).toFixed(1)}%`;
}

/** Minutes as hours: "23.5". */
export function hoursText(minutes: number): string {
  const hours = minutes / 60;
  return hours >= 100 ? String(Math.round(hours)) : String(Math.round(hours * 10) / 10);
}

/** Which mark a rate gets: from 98% it is well, below 90% somebody should go and see. */
export function levelOf(rate: number | null): 'none' | 'good' | 'middling' | 'bad' {
  if (rate === null) return 'none';
  if (rate >= 0.98) return 'good';
  return rate >= 0.9 ? 'middling' : 'bad';
}
