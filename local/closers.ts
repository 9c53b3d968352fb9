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
