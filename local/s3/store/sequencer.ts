import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DamagedStoreError } from '../errors.ts';
import { isMissing, TEMPORARY_SUFFIX } from './json-file.ts';

/** Changes that one millisecond can number before the numbers run ahead of the clock. */
const NUMBERS_PER_MS = 65_536n;
/** Numbers are set aside on disk in blocks of this length, so that one write a minute is enough. */
const BLOCK_MS = 60_000n;
const DIGITS = 16;

/**
 * Numbers changes: 16 hexadecimal digits, strictly increasing, whatever the clock does and across restarts and crashes.
 * A file holds a bound that no number handed out so far exceeds.
 */
export class Sequencer {
  readonly #path: string;
  readonly #clock: () => number;
  #last: bigint;
  #bound: bigint;

  constructor(path: string, clock: () => number) {
    this.#path = path;
    this.#clock = clock;
    this.#bound = readBound(path);
    this.#last = this.#bound;
  }

  next(): string {
    const now = BigInt(Math.max(0, Math.trunc(this.#clock()))) * NUMBERS_PER_MS;
    const next = now > this.#last ? now : this.#last + 1n;
    if (next > this.#bound) {
      const bound = next + BLOCK_MS * NUMBERS_PER_MS;
      writeBound(this.#path, bound);
      this.#bound = bound;
    }
    this.#last = next;
    return format(next);
  }
}

function readBound(path: string): bigint {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return 0n;
    throw error;
  }
  if (!/^[0-9A-F]{16}\n$/.test(text)) throw new DamagedStoreError(path, 'it does not hold 16 hexadecimal digits');
  return BigInt(`0x${text.trim()}`);
}

function writeBound(path: string, bound: bigint): void {
  const temporary = `${path}${TEMPORARY_SUFFIX}`;
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(temporary, 'w');
  try {
    writeSync(file, `${format(bound)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function format(value: bigint): string {
  return value.toString(16).toUpperCase().padStart(DIGITS, '0');
}
