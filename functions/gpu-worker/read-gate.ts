import { DrainingError } from './errors.ts';

/**
 * Permission to hold the bytes of one image. Give it back once the image is decoded. Giving it back
 * a second time does nothing.
 */
export interface ReadSlot {
  giveBack(): void;
}

/**
 * Limits how many images are read and decoded at the same time, however many messages are held. One
 * encoded image may have 50 MB.
 */
export interface ReadGate {
  /**
   * Waits for a free slot.
   * @param always lets the caller in even if the gate is closed
   * @throws {DrainingError} when the gate is closed, also if that happens while the caller waits
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
