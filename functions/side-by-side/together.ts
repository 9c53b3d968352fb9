/**
 * Waits for all calls, then returns their results in order. When one fails, the others are waited
 * for too: a call that nobody waits for could still change something while its event is handled
 * again.
 * @throws the first failure in the order of `calls`
 */
export async function together<const Calls extends readonly Promise<unknown>[]>(
  ...calls: Calls
): Promise<{ -readonly [Index in keyof Calls]: Awaited<Calls[Index]> }> {
  await Promise.allSettled(calls);
  return Promise.all(calls) as Promise<{ -readonly [Index in keyof Calls]: Awaited<Calls[Index]> }>;
}
