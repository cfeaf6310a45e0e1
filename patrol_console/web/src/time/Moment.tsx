/** A time with the relative one beside it: "14:32:05 · 3 分钟前". */
import { agoText, momentText, useNow } from './centre';

export function Moment({ at, bare = false }: { at: string; bare?: boolean }) {
  const now = useNow();
  return (
    <time dateTime={at}>
      {momentText(at, now)}
      {!bare && <span className="quiet"> · {agoText(at, now)}</span>}
    </time>
  );
}
