/** Lets a few pieces of work run at a time. The others wait, first come, first served. */
export interface Turns {
  /**
   * Runs the work when its turn has come.
   * @returns what the work returns, or rejects as it does
   */
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** @param atOnce how many pieces of work run at the same time, at least 1 */
export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return {
    async take(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
