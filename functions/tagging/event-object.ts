import type { HeldBytes, Memory } from '../side-by-side/memory.ts';
import type { CreatedEvent } from './image-event.ts';
import type { ObjectStore, OpenObject } from './objects.ts';

export interface EventObjectDependencies {
  readonly objects: ObjectStore;
  /** What bounds the bytes that are held. */
  readonly memory: Memory;
  /** Larger objects are rejected, before the download if the event tells their size. */
  readonly maxImageBytes: number;
}

/** The object of an event. Room for its bytes is held until it is closed. */
export interface EventObject {
  /**
   * Asks for the object, once. If the event names a version, exactly that version is asked for. If
   * not, the object is asked for only if it still has the event's ETag. For an event without a
   * sequencer it is the current object, whatever it is.
   */
  open(): Promise<OpenObject | 'gone' | 'superseded'>;
  /** Reads the whole body of the open object. */
  read(opened: OpenObject): Promise<Uint8Array>;
  /** Milliseconds that the calls took, without the wait for room. */
  readonly milliseconds: number;
  /** Lets go of the bytes and the answer. Waits until no call is under way. */
  close(): Promise<void>;
}

/**
 * Waits until the bytes of an event's object fit beside those of others. A size that is not known
 * counts as the largest permitted.
 * @param isNeeded whether the object may be asked for at all; if not, it takes no room
 */
export async function reserveObject(
  event: CreatedEvent,
  isNeeded: boolean,
  { objects, memory, maxImageBytes }: EventObjectDependencies,
): Promise<EventObject> {
  const { name, eTag, versionId, size, sequencer } = event;
  const held: HeldBytes = await memory.hold(isNeeded ? Math.min(size ?? maxImageBytes, maxImageBytes) : 0);
  let opening: Promise<OpenObject | 'gone' | 'superseded'> | undefined;
  let milliseconds = 0;

  async function timed<Result>(call: () => Promise<Result>): Promise<Result> {
    const start = performance.now();
    try {
      return await call();
    } finally {
      milliseconds += performance.now() - start;
    }
  }

  function ask() {
    return sequencer === null
      ? objects.open({ ...name, versionId: null }, null)
      : objects.open({ ...name, versionId }, eTag);
  }

  return {
    open() {
      opening ??= timed(ask);
      // A failure is thrown to those who wait for the object, and nobody may do so.
      opening.catch(() => {});
      return opening;
    },
    async read(opened) {
      await held.resize(opened.size);
      return timed(() => opened.bytes(maxImageBytes));
    },
    get milliseconds() {
      return milliseconds;
    },
    async close() {
      const opened = await opening?.catch(() => 'gone' as const);
      // A body that was read is closed already.
      if (typeof opened === 'object') opened.discard();
      held.letGo();
    },
  };
}
