/** Runs tasks in the order in which they were added, a few at a time. */
export interface TaskQueue {
  /**
   * @param task handles its own failures; errors that it throws are ignored, and the next task runs
   */
  add(task: () => Promise<void>): void;
}

/** @param limit number of tasks at a time */
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
