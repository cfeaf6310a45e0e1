/** How long something has lasted, counting up by itself; or how long it took, once it is over. */
import { durationText, useNow } from './centre';

export function CountUp({ from, until }: { from: string; until?: string | null }) {
  const now = useNow();
  const end = until ? Date.parse(until) : now;
  return <span>{durationText((end - Date.parse(from)) / 1000)}</span>;
}
