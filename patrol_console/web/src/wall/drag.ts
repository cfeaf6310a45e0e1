/** What is carried from the list into a pane, or from one pane to another. */
export type Dragged = { kind: 'camera'; cameraId: string } | { kind: 'pane'; pane: number };

const type = 'application/x-probe-patrol';

export function startDrag(transfer: DataTransfer, what: Dragged): void {
  transfer.setData(type, JSON.stringify(what));
  transfer.effectAllowed = 'move';
}

export function dragged(transfer: DataTransfer): Dragged | null {
  try {
    return JSON.parse(transfer.getData(type)) as Dragged;
  } catch {
    return null; // a file or a text from elsewhere
  }
}
