import { createTurns } from '../../functions/side-by-side/turns.ts';

/**
 * Works on the items of a list while it is being read. At most `atOnce` are under way, and one more
 * has been read. After a failure, of the work or of the list, it starts no more, and waits for
 * those that are under way.
 * @throws the first failure
 */
export async function eachAtOnce<Item>(
  items: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const slots = createTurns(atOnce);
  const working = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const item of items) {
      if (failures.length > 0) break;
      await new Promise<void>((started) => {
        const turn = slots
          .take(() => {
            started();
            return work(item);
          })
          .catch((error: unknown) => {
            failures.push(error);
          })
          .finally(() => working.delete(turn));
        working.add(turn);
      });
    }
  } catch (error) {
    failures.push(error);
  }
  await Promise.all(working);
  if (failures.length > 0) throw failures[0];
}
