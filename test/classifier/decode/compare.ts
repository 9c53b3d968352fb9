import { readFileSync } from 'node:fs';
import { decodeImage } from '../../../classifier/decode/decode.ts';
import { PREPROCESSING } from '../preprocessing.ts';

/** Reads a picture of test/fixtures/pictures. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/pictures/${name}`, import.meta.url));
}

/** The crop of a picture, uint8 [224, 224, 3]. */
export async function crop(bytes: Uint8Array): Promise<Uint8Array> {
  return (await decodeImage(bytes, PREPROCESSING)).pixels;
}

/** Mean absolute difference of two crops, of 255. */
export function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? Number.NaN)), 0) / a.length;
}
