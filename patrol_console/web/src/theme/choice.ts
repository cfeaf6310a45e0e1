/** Which palette this person chose on this computer: dark for the room, light for an office. */
import { useSyncExternalStore } from 'react';
import { recall, remember } from '../app/memory';
import { paintDocument } from './theme';
import type { ThemeName } from './tokens';

const key = 'theme';
let chosen: ThemeName = recall(key) === 'light' ? 'light' : 'dark';
const watchers = new Set<() => void>();

export function useTheme(): ThemeName {
  return useSyncExternalStore(
    (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    () => chosen,
  );
}

export function chooseTheme(name: ThemeName): void {
  chosen = name;
  remember(key, name);
  paintDocument(name);
  for (const changed of watchers) changed();
}

/** Before the first render, so that no page flashes in the wrong colours. */
export function paintChosenTheme(): void {
  paintDocument(chosen);
}
