import type * as Wire from '../functions/wire.ts';

/**
 * Formats a probability as `86.0%`. Values that would wrongly round to 0% or 100% become `<0.1%` or
 * `>99.9%`.
 */
export function formatProbability(probability: number): string {
  if (probability > 0 && probability < 0.0005) return '<0.1%';
  if (probability < 1 && probability > 0.9995) return '>99.9%';
  return `${(100 * probability).toFixed(1)}%`;
}

/**
 * Formats a concept as `A kind of domestic cat: 93.0%`.
 * @param best the best prediction
 * @returns null if the concept says no more than the best label, or there is none
 */
export function conceptText(concept: Wire.Concept | null, best: Wire.Prediction | undefined): string | null {
  if (concept === null || concept.id === (best?.wnid ?? best?.label)) return null;
  return `A kind of ${concept.label}: ${formatProbability(concept.probability)}`;
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Formats a size as `11.4 kB`, in decimal units, like the limits. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${rounded(bytes / 1000 ** power)} ${BYTE_UNITS[power]}`;
}

/** Formats a time as `84 ms` or `1.3 s`. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${rounded(ms / 1000)} s`;
}

/** Formats a count as `25.6 M`. */
export function formatMillions(count: number): string {
  return `${rounded(count / 1e6)} M`;
}

/** Formats a count with its noun: `1 picture`, `2 pictures`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * Returns `daisy.jpg` for `uploads/2024/daisy.jpg`. A key that ends in a slash is returned whole.
 */
export function fileName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1) || key;
}

/** Making an `Intl.NumberFormat` would take the browser longer than drawing the page. */
function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}
