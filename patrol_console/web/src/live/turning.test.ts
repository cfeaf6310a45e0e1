/** A head in hand: what is said, how often, in which order, and what ends it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { againMs, Turning, velocityOf, type Wish } from './turning';

const right = velocityOf('ArrowRight', false)!;
const up = velocityOf('ArrowUp', true)!;
let said: string[] = [];
let answers: (() => void)[] = [];
let refused: unknown[] = [];
let refuses = false;
let slow = false;

function turning(): Turning {
  const say = (wish: Wish) => {
    said.push(wish.verb === 'move' ? `move ${wish.pan} ${wish.tilt}` : wish.verb);
    if (refuses) return Promise.reject(new Error('held'));
    return slow ? new Promise<void>((done) => answers.push(done)) : Promise.resolve();
  };
  return new Turning(say, { onSaid: () => {}, onRefused: (error) => refused.push(error) });
}

beforeEach(() => {
  vi.useFakeTimers();
  [said, answers, refused, refuses, slow] = [[], [], [], false, false];
});
afterEach(() => vi.useRealTimers());

test('a held button is said again a few times a second and ends with one stop', async () => {
  const head = turning();
  head.hold(right);
  await vi.advanceTimersByTimeAsync(2 * againMs + 10);
  head.letGo();
  head.letGo();
  await vi.advanceTimersByTimeAsync(5 * againMs);
  expect(said).toEqual(['move 0.5 0', 'move 0.5 0', 'move 0.5 0', 'stop']);
});

test('over a slow line words do not heap up, and a stop does not overtake the move', async () => {
  slow = true;
  const head = turning();
  head.hold(right);
  await vi.advanceTimersByTimeAsync(5 * againMs);
  head.letGo();
  await vi.advanceTimersByTimeAsync(againMs);
  expect(said).toEqual(['move 0.5 0']);
  answers[0]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(['move 0.5 0', 'stop']);
});

test('another direction is said as soon as the word before it is answered', async () => {
  slow = true;
  const head = turning();
  head.hold(right);
  await vi.advanceTimersByTimeAsync(0);
  head.hold(up);
  answers[0]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toEqual(['move 0.5 0', 'move 0 1']);
});

test('who is refused says no more until the next press', async () => {
  refuses = true;
  const head = turning();
  head.hold(right);
  await vi.advanceTimersByTimeAsync(5 * againMs);
  expect(said).toEqual(['move 0.5 0']);
  expect(refused).toHaveLength(1);
});

test('a pad that is closed stops what moves and lets others have it, and says nothing where it never moved', async () => {
  const idle = turning();
  idle.end();
  await vi.advanceTimersByTimeAsync(againMs);
  expect(said).toEqual([]);
  const head = turning();
  head.hold(right);
  await vi.advanceTimersByTimeAsync(10);
  head.end();
  await vi.advanceTimersByTimeAsync(5 * againMs);
  expect(said).toEqual(['move 0.5 0', 'stop', 'release']);
});
