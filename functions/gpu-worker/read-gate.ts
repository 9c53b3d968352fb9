import { DrainingError } from './errors.ts';

/** Leave to hold one image's bytes. Given back once it is decoded; a second time does nothing. */
export interface ReadSlot {
  giveBack(): void;
}

/**
 * Encoded images may be 50 MB each: this few are read and decoded at a time, however many messages
 * are held.
 */
export interface ReadGate {
  /**
   * @param always also when the gate is closed
   * @throws {DrainingError} once the gate is closed, also to those who wait
   */
  enter(always: boolean): Promise<ReadSlot>;
  close(): void;
}

interface Waiting {
  readonly always: boolean;
  readonly resolve: (slot: ReadSlot) => void;
  readonly reject: (error: DrainingError) => void;
}

export function createReadGate(slots: number): ReadGate {
  let waiting: Waiting[] = [];
  let free = slots;
  let closed = false;

  function takeSlot(): ReadSlot {
    free -= 1;
    let given = false;
    return {
      giveBack() {
        if (given) return;
        given = true;
        free += 1;
        waiting.shift()?.resolve(takeSlot());
      },
    };
  }

  return {
    async enter(always) {
      if (closed && !always) throw new DrainingError();
      if (free > 0) return takeSlot();
      return new Promise<ReadSlot>((resolve, reject) => waiting.push({ always, resolve, reject }));
    },
    close() {
      closed = true;
      const refused = waiting.filter(({ always }) => !always);
      waiting = waiting.filter(({ always }) => always);
      for (const { reject } of refused) reject(new DrainingError());
    },
  };
}
