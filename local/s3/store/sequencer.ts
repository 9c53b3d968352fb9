import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DamagedStoreError } from '../errors.ts';
import { isMissing, TEMPORARY_SUFFIX } from './json-file.ts';

/** Number of changes in one millisecond before the sequence runs ahead of the clock. */
const NUMBERS_PER_MS = 65_536n;
/**
 * Length of the blocks in which numbers are reserved on disk, so that one write per minute is
 * enough.
 */
const BLOCK_MS = 60_000n;
const DIGITS = 16;

/**
 * Numbers changes with 16 hexadecimal digits. The numbers strictly increase, whatever the clock
 * does, and across restarts and crashes. A file holds a bound that no number has exceeded so far.
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
