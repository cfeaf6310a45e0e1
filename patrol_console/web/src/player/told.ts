/** A value and those who want to hear when it becomes another: what `useSyncExternalStore` asks for. */
export class Told<T> {
  private readonly hearers = new Set<() => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.hearers.add(changed);
    return () => this.hearers.delete(changed);
  };

  set(value: T): void {
    this.value = value;
    for (const changed of this.hearers) changed();
  }
}
