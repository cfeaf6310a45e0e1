/** A page that nobody sees rests after a grace, and wakes when it is looked at again. Returns how to stop watching. */
export function watchHidden(graceMs: number, rest: () => void, wake: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(rest, graceMs);
    else wake();
  };
  document.addEventListener('visibilitychange', changed);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', changed);
  };
}
