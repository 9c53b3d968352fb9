import type { CheckpointFile } from './checkpoint-file.ts';
import { DamagedCheckpointError } from './errors.ts';

/** Bytes that one read of a header fetches; the pickle of a state dict has 100 kB. */
const WINDOW_BYTES = 65_536;

/**
 * Reads a part of a checkpoint from front to back. Asking for bytes that are not there throws a
 * DamagedCheckpointError and allocates nothing.
 */
export class ByteWindow {
  /** Names the file and the part in messages. */
  readonly name: string;
  readonly #file: CheckpointFile;
  readonly #end: number;
  #buffer: Buffer = Buffer.alloc(0);
  /** Position in the file of the buffer's first byte. */
  #bufferStart: number;
  /** Position in the buffer of the next byte. */
  #at = 0;

  /** Reads the part [start, end) of `file`, in bytes. */
  constructor(file: CheckpointFile, part: string, start: number, end: number) {
    this.name = `checkpoint ${file.path} (${part})`;
    this.#file = file;
    this.#bufferStart = start;
    this.#end = end;
  }

  /** Position in the file of the next byte. */
  get position(): number {
    return this.#bufferStart + this.#at;
  }

  get remaining(): number {
    return this.#end - this.position;
  }

  /** Returns the next byte. */
  byte(): number {
    if (this.#at === this.#buffer.length) this.#load(1);
    return this.#buffer[this.#at++] ?? 0;
  }

  /** Returns the next `length` bytes. They are valid only until the next call. */
  take(length: number): Buffer {
    if (this.#at + length > this.#buffer.length) this.#load(length);
    const start = this.#at;
    this.#at += length;
    return this.#buffer.subarray(start, this.#at);
  }

  /** Moves on by `length` bytes without reading them; they must be there. */
  skip(length: number): void {
    if (length <= this.#buffer.length - this.#at) {
      this.#at += length;
      return;
    }
    this.#bufferStart = this.position + length;
    this.#buffer = Buffer.alloc(0);
    this.#at = 0;
  }

  /** Returns the bytes before the next line feed, at most `maxBytes`, and skips the line feed. */
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

  /** Loads the buffer so that it starts at the next byte and holds at least `length` bytes. */
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
