/** Runs tasks in the order they came, a few at a time. */
export interface TaskQueue {
  /** @param task looks after its own failures: what it throws is dropped, and the next one runs all the same */
  add(task: () => Promise<void>): void;
}

/**
 * @param limit tasks at a time
 */
export function createTaskQueue(limit: number): TaskQueue {
  const waiting: (() => Promise<void>)[] = [];
  let running = 0;
  const startNext = () => {
    const task = running < limit ? waiting.shift() : undefined;
    if (task === undefined) return;
    running += 1;
    void task()
      .catch(() => {})
      .then(() => {
        running -= 1;
        startNext();
      });
  };
  return {
    add(task) {
      waiting.push(task);
      startNext();
    },
  };
}
