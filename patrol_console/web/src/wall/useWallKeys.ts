/** The wall by keyboard: arrows choose a pane, with Shift they carry its picture; digits choose the layout. */
import type { RefObject } from 'react';
import { useKeys, type KeyTable } from '../app/useKeys';
import { layoutKeys, neighbour } from './arrangement';
import type { WallActions } from './usePaneActions';
import type { Wall } from './useWall';

interface Props {
  wall: Wall;
  actions: WallActions;
  chosen: number;
  grid: RefObject<HTMLDivElement | null>;
  onTree: () => void;
  onTour: () => void;
  onFull: () => void;
  onSave: () => void;
  onJump: () => void;
  onLeave: () => void;
}

export function useWallKeys({ wall, actions, chosen, grid, onTree, onTour, onFull, onSave, onJump, onLeave }: Props): void {
  function move(event: KeyboardEvent): void {
    if (wall.big !== null) return;
    const next = neighbour(chosen, event.key, wall.layout);
    if (event.shiftKey) actions.swap(chosen, next);
    actions.choose(next);
    grid.current?.querySelector<HTMLElement>(`[data-testid="pane-${next}"]`)?.focus();
  }

  const takeOut = () => wall.slots[chosen] && wall.big === null && actions.change.takeOut(chosen);
  const table: KeyTable = {
    ArrowLeft: move,
    ArrowRight: move,
    ArrowUp: move,
    ArrowDown: move,
    Enter: () => wall.slots[chosen] && actions.enlarge(chosen),
    Delete: takeOut,
    Backspace: takeOut,
    Escape: onLeave,
    '/': onTree,
    f: onFull,
    t: onTour,
    s: onSave,
    g: onJump,
    '[': () => wall.groups > 1 && wall.step(-1),
    ']': () => wall.groups > 1 && wall.step(1),
  };
  for (const [digit, layout] of Object.entries(layoutKeys)) table[digit] = () => wall.chooseLayout(layout);
  useKeys(table);
}
