import type { CheckpointFile } from './checkpoint-file.ts';
import { DamagedCheckpointError } from './errors.ts';

/** One read of a header; a state dict's pickle is 100 kB. */
const WINDOW_BYTES = 65_536;

/**
 * Reads a part of a checkpoint from front to back. Bytes that are not there are a
 * DamagedCheckpointError, never an allocation.
 */
export class ByteWindow {
  /** For messages: which file, which part. */
  readonly name: string;
  readonly #file: CheckpointFile;
  readonly #end: number;
  #buffer: Buffer = Buffer.alloc(0);
  /** Of the buffer's first byte in the file. */
  #bufferStart: number;
  /** In the buffer, of the next byte. */
  #at = 0;

  /** The part [start, end) of `file`, in bytes. */
  constructor(file: CheckpointFile, part: string, start: number, end: number) {
    this.name = `checkpoint ${file.path} (${part})`;
    this.#file = file;
    this.#bufferStart = start;
    this.#end = end;
  }

  /** In the file, of the next byte. */
  get position(): number {
    return this.#bufferStart + this.#at;
  }

  get remaining(): number {
    return this.#end - this.position;
  }

  /** The next byte. */
  byte(): number {
    if (this.#at === this.#buffer.length) this.#load(1);
    return this.#buffer[this.#at++] ?? 0;
  }

  /** The next `length` bytes; valid until the next call. */
  take(length: number): Buffer {
    if (this.#at + length > this.#buffer.length) this.#load(length);
    const start = this.#at;
    this.#at += length;
    return this.#buffer.subarray(start, this.#at);
  }

  /** The bytes up to the next line feed, which is skipped; at most `maxBytes`. */
  line(maxBytes: number): Buffer {
    const wanted = Math.min(maxBytes + 1, this.remaining);
    if (this.#at + wanted > this.#buffer.length) this.#load(wanted);
    const length = this.#buffer.subarray(this.#at, this.#at + wanted).indexOf(0x0a);
    if (length < 0)
      throw new DamagedCheckpointError(
        `${this.name} is damaged: the line at byte ${this.position} is longer than ${maxBytes} bytes. Download or save it again.`,
      );
    const line = this.take(length);
    this.#at += 1;
    return line;
  }

  /** Makes the buffer start at the next byte and hold at least `length`. */
  #load(length: number): void {
    const start = this.position;
    if (!(length <= this.#end - start)) {
      throw new DamagedCheckpointError(
        `${this.name} is incomplete: at byte ${start} it needs ${length} more bytes, but only ${this.#end - start} are left. Download or save it again.`,
      );
    }
    this.#buffer = this.#file.readHeader(start, Math.max(length, Math.min(WINDOW_BYTES, this.#end - start)));
    this.#bufferStart = start;
    this.#at = 0;
  }
}
