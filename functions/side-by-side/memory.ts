/** A limit for the bytes that are held at the same time. */
export interface Memory {
  /**
   * Waits until so many bytes fit beside those that are held. What is larger than the limit waits
   * until nothing else is held. First come, first served: nothing overtakes what waits, so that
   * something large is not kept waiting for ever.
   */
  hold(bytes: number): Promise<HeldBytes>;
}

/** Bytes that are counted until they are let go. */
export interface HeldBytes {
  /** Changes how many there are. If they are more than before, it waits its turn again. */
  resize(bytes: number): Promise<void>;
  /** Doing it a second time does nothing. */
  letGo(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
}

/** Counts nothing, for a caller that has its own limit. */
export const UNLIMITED: Memory = {
  hold: async () => ({ resize: async () => {}, letGo() {} }),
};

/** @param limit bytes */
export function createMemory(limit: number): Memory {
  const waiting: Waiting[] = [];
  let held = 0;

  function fits(bytes: number): boolean {
    return held === 0 || held + bytes <= limit;
  }

  function free(bytes: number): void {
    held -= bytes;
    for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      held += next.bytes;
      next.start();
    }
  }

  async function take(bytes: number): Promise<void> {
    if (waiting.length === 0 && fits(bytes)) held += bytes;
    else await new Promise<void>((start) => waiting.push({ bytes, start }));
  }

  return {
    async hold(first) {
      let own = first;
      await take(own);
      return {
        async resize(bytes) {
          if (bytes <= own) {
            const surplus = own - bytes;
            own = bytes;
            free(surplus);
            return;
          }
          free(own);
          own = 0;
          await take(bytes);
          own = bytes;
        },
        letGo() {
          free(own);
          own = 0;
        },
      };
    },
  };
}
