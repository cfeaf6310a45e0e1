/**
 * Many wishes to read the same thing become few readings: the first reads at once, whatever is wished meanwhile
 * becomes one more reading when that one is done. So an event is followed without delay, and a storm of them never
 * breaks a reading off before it ends.
 */
const longestMs = 5000; // a reading that hangs holds nobody up for longer

export class Gathered {
  private reading = false;
  private wished = false;

  constructor(
    private readonly restMs: number, // between two readings
    private readonly read: () => Promise<unknown>,
  ) {}

  ask(): void {
    this.wished = true;
    if (!this.reading) void this.run();
  }

  private async run(): Promise<void> {
    this.reading = true;
    while (this.wished) {
      this.wished = false;
      await Promise.race([this.read().catch(() => {}), pause(longestMs)]);
      await pause(this.restMs);
    }
    this.reading = false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
