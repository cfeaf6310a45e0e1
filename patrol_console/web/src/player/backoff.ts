/** Growing pauses between attempts, with jitter, so that sixteen panes do not knock all at once. */
export class Backoff {
  private nextMs: number;

  constructor(
    private readonly firstMs: number,
    private readonly capMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.nextMs = firstMs;
  }

  next(): number {
    const pause = this.nextMs;
    this.nextMs = Math.min(this.capMs, this.nextMs * 2);
    return pause * (0.7 + 0.6 * this.random());
  }

  reset(): void {
    this.nextMs = this.firstMs;
  }
}
