import { useEffect, useState } from 'preact/hooks';

/** A value that notifies listeners when it is replaced. Values are never changed in place. */
export interface Store<Value> {
  get(): Value;
  update(change: (value: Value) => Value): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void;
}

export function createStore<Value>(initial: Value): Store<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    update(change) {
      const next = change(value);
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * Returns the store's value, and renders the component again whenever it is replaced. Where another
 * store is given, the value is that one's at once.
 */
export function useStore<Value>(store: Store<Value>): Value {
  const [, setSeen] = useState(store.get);
  useEffect(() => {
    const look = () => setSeen(store.get);
    look();
    return store.subscribe(look);
  }, [store]);
  return store.get();
}
