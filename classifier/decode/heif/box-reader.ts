/** A box of an ISO base media file (ISO/IEC 14496-12): its type and where its content lies. */
export interface Box {
  /** Four characters, such as `meta`. */
  readonly type: string;
  /** Offset in the file of the first byte after the box's header. */
  readonly start: number;
  /** Offset in the file of the first byte after the box. */
  readonly end: number;
}

/**
 * The boxes do not fit together or end early. It stays inside this room, where it becomes an
 * ImageError that names the format.
 */
export class BoxError extends Error {}

/** The largest number of boxes that is read on one level. Real pictures have fewer than 100. */
export const MAX_BOXES = 4096;

const LATIN1 = new TextDecoder('latin1');

/** Reads big-endian numbers from a part of a file, one after the other. */
export class BoxReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  readonly #end: number;
  #at: number;

  /** @param what the name of the part, for errors */
  constructor(bytes: Uint8Array, { start, end }: Omit<Box, 'type'>, what: string) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#what = what;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /**
   * Reads an unsigned number of 0 to 8 bytes. 0 bytes are the number 0.
   * @throws {BoxError} at the end, and above 2^53, where no offset in a real file lies
   */
  uint(length: number): number {
    const from = this.#take(length);
    let value = 0;
    for (let at = from; at < from + length; at += 1) value = value * 256 + (this.#bytes[at] ?? 0);
    if (!Number.isSafeInteger(value)) throw new BoxError(`${this.#what} holds the impossible number ${value}`);
    return value;
  }

  /** Reads four characters. */
  text(): string {
    const from = this.#take(4);
    return LATIN1.decode(this.#bytes.subarray(from, from + 4));
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** Reads the version and the flags that begin a full box. */
  fullBox(): { version: number; flags: number } {
    return { version: this.uint(1), flags: this.uint(3) };
  }

  #take(length: number): number {
    if (length > this.left) throw new BoxError(`${this.#what} ends early`);
    const from = this.#at;
    this.#at += length;
    return from;
  }
}

/**
 * Lists the boxes between two offsets.
 * @throws {BoxError} when a box reaches beyond `end`, or when there are more than 4096
 */
export function boxesIn(bytes: Uint8Array, { start, end }: Omit<Box, 'type'>): Box[] {
  const boxes: Box[] = [];
  for (let at = start; at < end; ) {
    const box = boxAt(bytes, at, end);
    boxes.push(box);
    if (boxes.length > MAX_BOXES) throw new BoxError(`there are more than ${MAX_BOXES} boxes side by side`);
    at = box.end;
  }
  return boxes;
}

/**
 * Finds the first box of a type among those that lie side by side in the whole file. What follows
 * it is not looked at, because some phones write other data behind the boxes.
 * @returns undefined when the file ends, properly, without such a box
 * @throws {BoxError} when a box before it reaches beyond the end of the file
 */
export function findBox(bytes: Uint8Array, type: string): Box | undefined {
  for (let at = 0, count = 0; at < bytes.length && count < MAX_BOXES; count += 1) {
    const box = boxAt(bytes, at, bytes.length);
    if (box.type === type) return box;
    at = box.end;
  }
  return undefined;
}

function boxAt(bytes: Uint8Array, at: number, end: number): Box {
  const reader = new BoxReader(bytes, { start: at, end }, 'the header of a box');
  const short = reader.uint(4);
  const type = reader.text();
  // 1: the size follows as 8 bytes. 0: the box reaches to the end.
  const size = short === 1 ? reader.uint(8) : short === 0 ? end - at : short;
  const start = end - reader.left;
  if (size < start - at || size > end - at) {
    throw new BoxError(`the box ${JSON.stringify(type)} has ${size} bytes, but ${end - at} are there`);
  }
  return { type, start, end: at + size };
}
