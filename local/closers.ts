/** What ends the parts that run, the last one started first. */
export type Closers = (() => Promise<void>)[];

/** One part that cannot be closed does not keep the others open. */
export async function closeAll(closers: Closers): Promise<void> {
  const faults: unknown[] = [];
  for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
    await closer().catch((fault: unknown) => faults.push(fault));
  }
  if (faults.length > 0) throw new AggregateError(faults, 'some parts of the local stack could not be stopped');
}
