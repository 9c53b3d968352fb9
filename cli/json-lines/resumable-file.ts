import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { createTurns } from '../../functions/side-by-side/turns.ts';
import { InvalidLineError } from './errors.ts';
import { type Line, MAX_LINE_BYTES, readLines } from './read-lines.ts';

/** A file of JSON Lines that grows over several runs. */
export interface ResumableFile {
  /** Appends a line, after those that are being written. */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

/** One set for each first byte of a fingerprint. V8 has 16.7 million entries in a set at most. */
const SETS = 256;

/** The part of a set that NameSet uses. */
export type Fingerprints = Pick<Set<string>, 'add' | 'has' | 'size'>;

/** Names of which only a fingerprint is kept: 16 bytes each, however long they are. */
export class NameSet {
  readonly #sets: readonly Fingerprints[];
  #size = 0;

  /** @param makeSet makes one of the sets that the fingerprints are spread over */
  constructor(makeSet: () => Fingerprints = () => new Set()) {
    this.#sets = Array.from({ length: SETS }, makeSet);
  }

  get size(): number {
    return this.#size;
  }

  has(name: string): boolean {
    const print = fingerprint(name);
    return this.#setOf(print).has(print);
  }

  /** Returns whether the name is new. */
  add(name: string): boolean {
    const print = fingerprint(name);
    const set = this.#setOf(print);
    const before = set.size;
    set.add(print);
    const isNew = set.size > before;
    if (isNew) this.#size += 1;
    return isNew;
  }

  #setOf(print: string): Fingerprints {
    const set = this.#sets[print.charCodeAt(0)];
    if (set === undefined) throw new TypeError('a fingerprint begins with a byte');
    return set;
  }
}

const FINGERPRINT_BYTES = 16;
const LINE_FEED = 0x0a;

/**
 * Opens a file for more lines, and reads those that it has. If the last line was cut off while it
 * was written, it is removed. A file whose last line has another beginning is left as it is.
 * @param beginning what each line of such a file starts with: `{"file":"`
 * @param onLine receives the complete lines
 * @throws {InvalidLineError} when the last line is cut off, and is none of this kind of file
 */
export async function openResumable(
  path: string,
  beginning: string,
  onLine: (line: Line) => void,
): Promise<ResumableFile> {
  if ((await stat(path).catch(() => null)) !== null) {
    await removeTornLine(path, beginning);
    for await (const lines of readLines(path)) for (const line of lines) onLine(line);
  }
  const file = await open(path, 'a');
  const writing = createTurns(1);
  return {
    append: (line) => writing.take(() => file.appendFile(line)),
    close: () => writing.take(() => file.close()),
  };
}

async function removeTornLine(path: string, beginning: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const torn = await lastLine(file);
    if (torn.length === 0) return;
    const start = torn.subarray(0, beginning.length).toString();
    if (!beginning.startsWith(start)) {
      throw new InvalidLineError(
        path,
        'last line',
        `it was not written by this command. Choose another file for the output, or remove the line.`,
      );
    }
    await file.truncate((await file.stat()).size - torn.length);
  } finally {
    await file.close();
  }
}

/** Returns what follows the last line end: nothing, where the file is complete. */
async function lastLine(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const length = Math.min(size, MAX_LINE_BYTES);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.subarray(buffer.lastIndexOf(LINE_FEED) + 1);
}

function fingerprint(name: string): string {
  return createHash('sha256').update(name).digest().toString('latin1', 0, FINGERPRINT_BYTES);
}
