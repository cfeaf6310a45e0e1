/** Reading again on events: at once, and never more than one reading at a time. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gathered } from './gathered';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function slowReading(ms: number) {
  return vi.fn(() => new Promise((done) => setTimeout(done, ms)));
}

test('the first wish is followed without any delay', () => {
  const read = slowReading(50);
  new Gathered(150, read).ask();
  expect(read).toHaveBeenCalledTimes(1);
});

test('a storm of wishes is two readings: the one under way, and one more that sees all of them', async () => {
  const read = slowReading(400);
  const gathered = new Gathered(100, read);
  for (let i = 0; i < 100; i += 1) gathered.ask();
  await vi.advanceTimersByTimeAsync(399);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(read).toHaveBeenCalledTimes(2);
});

test('a reading that hangs or fails does not end the following', async () => {
  const read = vi.fn<() => Promise<unknown>>(() => new Promise(() => {}));
  const gathered = new Gathered(100, read);
  gathered.ask();
  gathered.ask();
  await vi.advanceTimersByTimeAsync(5200);
  expect(read).toHaveBeenCalledTimes(2);
  read.mockRejectedValue(new Error('no network'));
  await vi.advanceTimersByTimeAsync(6000);
  gathered.ask();
  await vi.advanceTimersByTimeAsync(0);
  expect(read).toHaveBeenCalledTimes(3);
});
