/** The middle of the top bar belongs to the page shown: it puts its few tools there, and saves a bar of its own. */
import { createContext, useContext, type ReactNode } from 'react';
import { createPortal } from 'react-dom';

export const BarSlot = createContext<HTMLElement | null>(null);

export function BarTools({ children }: { children: ReactNode }) {
  const slot = useContext(BarSlot);
  return slot ? createPortal(children, slot) : null;
}
