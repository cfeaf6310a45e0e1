/** What this browser remembers between visits. A browser that forbids storage forgets, and nothing breaks. */
const prefix = 'probe-patrol.';

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // private window or full storage: the choice lasts for this page only
  }
}
