/** Rates and hours as people read them: never rounded up to a hundred. */

/** "99.7%"; what is not whole never reads 100%. */
export function rateText(rate: number): string {
  if (rate >= 1) return '100%';
  return `${(Math.floor(rate * 1000) / 10).toFixed(1)}%`;
}

/** Minutes as hours: "23.5"; the fewer, the finer, so that what is not whole is seen on the first day too. */
export function hoursText(minutes: number): string {
  const hours = minutes / 60;
  const digits = hours >= 100 ? 0 : hours >= 10 ? 1 : 2;
  return String(Number(hours.toFixed(digits)));
}

/** Which mark a rate gets: from 98% it is well, below 90% somebody should go and see. */
export function levelOf(rate: number | null): 'none' | 'good' | 'middling' | 'bad' {
  if (rate === null) return 'none';
  if (rate >= 0.98) return 'good';
  return rate >= 0.9 ? 'middling' : 'bad';
}
