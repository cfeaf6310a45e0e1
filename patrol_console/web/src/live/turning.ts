/**
 * A camera's head in one person's hand, outside React: a move is said again while a button is held, a stop when it is
 * let go. One word at a time is on its way, so that a stop never overtakes a move; what the page forgets, the gateway
 * ends after 1.5 seconds.
 */
export interface Velocity {
  pan: number;
  tilt: number;
  zoom: number;
}

export type Wish = { verb: 'move' } & Velocity | { verb: 'stop' } | { verb: 'release' };

export interface Listener {
  onSaid: (answer: unknown) => void;
  onRefused: (error: unknown) => void;
}

export const againMs = 400;

export class Turning {
  private held: Velocity | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;
  private onItsWay: Promise<void> | null = null;
  private touched = false; // something was said, so that there is something to let go of

  constructor(
    private readonly say: (wish: Wish) => Promise<unknown>,
    private readonly listener: Listener,
  ) {}

  /** Turn so until `letGo`. */
  hold(velocity: Velocity): void {
    this.held = velocity;
    if (this.timer === null) this.timer = setInterval(() => this.again(), againMs);
    this.again();
  }

  /** Stand still. */
  letGo(): void {
    if (this.held === null) return;
    this.rest();
    void this.after(() => this.send({ verb: 'stop' }));
  }

  /** The pad is closed: others may have it. */
  end(): void {
    const moved = this.held !== null;
    this.rest();
    if (!this.touched) return;
    this.touched = false;
    void this.after(async () => {
      if (moved) await this.send({ verb: 'stop' });
      await this.send({ verb: 'release' });
    });
  }

  private again(): void {
    const held = this.held;
    if (held === null || this.onItsWay !== null) return; // a slow line gets fewer words, not a heap of them
    this.touched = true;
    void this.after(async () => {
      if (this.held === held && !(await this.send({ verb: 'move', ...held }))) this.rest();
    }).then(() => {
      if (this.held !== null && this.held !== held) this.again(); // the direction changed meanwhile
    });
  }

  private rest(): void {
    this.held = null;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private after(work: () => Promise<unknown>): Promise<void> {
    const mine: Promise<void> = (this.onItsWay ?? Promise.resolve()).then(work).then(() => {
      if (this.onItsWay === mine) this.onItsWay = null;
    });
    this.onItsWay = mine;
    return mine;
  }

  private async send(wish: Wish): Promise<boolean> {
    try {
      this.listener.onSaid(await this.say(wish));
      return true;
    } catch (error) {
      this.listener.onRefused(error);
      return false;
    }
  }
}

/** What a key or a button turns; `fast` with Shift. */
export function velocityOf(way: string, fast: boolean): Velocity | null {
  const speed = fast ? 1 : 0.5;
  const [pan, tilt, zoom] = ways[way] ?? [0, 0, 0];
  return way in ways ? { pan: pan * speed, tilt: tilt * speed, zoom: zoom * speed } : null;
}

const ways: Record<string, readonly [number, number, number]> = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowUp: [0, 1, 0],
  ArrowDown: [0, -1, 0],
  '+': [0, 0, 1],
  '=': [0, 0, 1],
  '-': [0, 0, -1],
};
