import type { Random } from './random.ts';

/** One hostile input, and how to try it. */
export interface Attempt {
  /** What was done to make it, such as `jpeg: length of a segment`. */
  readonly mutation: string;
  /** What is kept in a file while it is tried, so that a crash leaves the input behind. */
  readonly file: Uint8Array | string;
  /**
   * Hands the input to the product.
   * @returns `valid`, or the code of a refusal that its callers expect
   * @throws anything else that came of it: that is a fault
   */
  run(): Promise<string>;
}

/** One kind of input, ready for use. */
export interface Trial {
  make(random: Random, index: number): Attempt | Promise<Attempt>;
  close(): Promise<void>;
}

/**
 * Opens what a kind of input needs.
 * @param folder an empty folder for files
 */
export type OpenTrial = (folder: string) => Promise<Trial>;

export const VALID = 'valid';

/** An answer of the product that is neither valid nor a refusal that its callers expect. */
export class HostileFault extends Error {}

/**
 * Returns the code of a refusal.
 * @param expected the error classes that the callers of the tried function expect
 * @throws any other error
 */
export function refusalOf(error: unknown, ...expected: readonly (abstract new (...args: never) => Error)[]): string {
  if (!expected.some((one) => error instanceof one)) throw error;
  return (error as { code?: string }).code ?? (error as Error).name;
}
