/**
 * Values that are added one after the other. A listener gets every value: those that were added
 * before it at once, and each later one when it is added. So the order in which constructs are made
 * does not matter.
 */
export class Series<Value> {
  private readonly values: Value[] = [];
  private readonly listeners: ((value: Value) => void)[] = [];

  /** The values that were added up to now, in order. */
  get all(): readonly Value[] {
    return this.values;
  }

  add(value: Value): void {
    this.values.push(value);
    for (const listener of this.listeners) listener(value);
  }

  forEach(listener: (value: Value) => void): void {
    for (const value of this.values) listener(value);
    this.listeners.push(listener);
  }
}
