import { LayerBudgetError } from './errors.ts';

/** One thing that Lambda unpacks for a function: its code or a layer. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/**
 * The limit for a function's code and layers together, unzipped:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const UNZIPPED_LIMIT_BYTES = 250 * 1024 * 1024;

/** Largest number of layers of one function, from the same page. */
export const MAX_LAYERS = 5;

/**
 * Adds up the sizes of everything that Lambda unpacks for a function.
 * @returns bytes
 * @throws {LayerBudgetError} above Lambda's limit, with the size of every part, the largest first
 */
export function requireWithinBudget(functionName: string, parts: readonly Part[]): number {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= UNZIPPED_LIMIT_BYTES) return total;
  throw new LayerBudgetError(
    `function ${functionName} is too large for Lambda: with its layers it has ${megabytes(total)} unzipped, and the limit is ${megabytes(UNZIPPED_LIMIT_BYTES)} (${describeParts(parts)}). Use a smaller model, or its int8 package.`,
  );
}

/**
 * Lists parts with their sizes, the largest first.
 * @example
 * describeParts([{ name: 'code', bytes: 2e6 }, { name: 'runtime-x64', bytes: 63e6 }])
 * // runtime-x64 63.0 MB, code 2.0 MB
 */
export function describeParts(parts: readonly Part[]): string {
  return [...parts]
    .sort((one, other) => other.bytes - one.bytes)
    .map(({ name, bytes }) => `${name} ${megabytes(bytes)}`)
    .join(', ');
}

/** Formats a size in millions of bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
