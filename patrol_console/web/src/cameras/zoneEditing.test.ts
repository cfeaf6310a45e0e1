/** Drawing zones: what each step makes, and that each can be undone. */
import { expect, test } from 'vitest';
import { begin, edit, type Edit, type Editing } from './zoneEditing';

const square = { zone_id: 'z', name: 'water', polygon: [[0, 0], [1, 0], [1, 1], [0, 1]] as [number, number][] };

function after(start: Editing, ...acts: Edit[]): Editing {
  return acts.reduce(edit, start);
}

test('three corners make a zone, two do not', () => {
  const two = after(begin([]), { do: 'draw' }, { do: 'set corner', at: [0, 0] }, { do: 'set corner', at: [1, 0] }, { do: 'finish', name: 'n' });
  expect(two.zones).toHaveLength(0);
  const three = after(two, { do: 'set corner', at: [1, 1] }, { do: 'finish', name: 'n' });
  expect(three.zones[0]).toEqual({ zoneId: null, name: 'n', polygon: [[0, 0], [1, 0], [1, 1]] });
  expect(three).toMatchObject({ drawing: null, selected: 0, changed: true });
});

test('a corner never leaves the picture', () => {
  const moved = after(begin([square]), { do: 'move corner', zone: 0, corner: 0, to: [-0.2, 1.7] });
  expect(moved.zones[0]?.polygon[0]).toEqual([0, 1]);
});

test('corners are added between two and removed down to three', () => {
  const more = after(begin([square]), { do: 'add corner', zone: 0, after: 3 });
  expect(more.zones[0]?.polygon[4]).toEqual([0, 0.5]);
  const fewer = after(more, ...Array.from({ length: 4 }, (): Edit => ({ do: 'remove corner', zone: 0, corner: 0 })));
  expect(fewer.zones[0]?.polygon).toHaveLength(3);
});

test('deleting is undone, and undoing everything leaves nothing changed', () => {
  const gone = after(begin([square]), { do: 'delete', zone: 0 });
  expect(gone.zones).toHaveLength(0);
  const back = after(gone, { do: 'undo' });
  expect(back.zones[0]?.name).toBe('water');
  expect(back.changed).toBe(false);
});

test('a drag is one step of undo', () => {
  const dragged = after(
    begin([square]),
    { do: 'grip' },
    { do: 'move corner', zone: 0, corner: 0, to: [0.1, 0.1], kept: true },
    { do: 'move corner', zone: 0, corner: 0, to: [0.2, 0.2], kept: true },
  );
  expect(after(dragged, { do: 'undo' }).zones[0]?.polygon[0]).toEqual([0, 0]);
});
