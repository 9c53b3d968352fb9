/** Functions that stop the running parts, in the order in which the parts were started. */
export type Closers = (() => Promise<void>)[];

/**
 * Stops all parts, the last started one first. A part that cannot be stopped does not keep the
 * others running.
 */
export async function closeAll(closers: Closers): Promise<void> {
  const faults: unknown[] = [];
  for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
    await closer().catch((fault: unknown) => faults.push(fault));
  }
  if (faults.length > 0) throw new AggregateError(faults, 'some parts of the local stack could not be stopped');
}

/**
 * Starts parts one after the other. If one cannot be started, those before it are stopped.
 * @param bringUp adds a closer for each part that it has started
 * @returns what `bringUp` returns, and `close`, which stops all parts
 */
export async function startAll<T>(bringUp: (closers: Closers) => Promise<T>): Promise<T & { close(): Promise<void> }> {
  const closers: Closers = [];
  try {
    return { ...(await bringUp(closers)), close: () => closeAll(closers) };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}
