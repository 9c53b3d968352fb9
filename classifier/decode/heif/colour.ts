import { type Box, BoxReader } from './box-reader.ts';

/** Colours by code numbers (ITU-T H.273), as the `nclx` form of a `colr` box gives them. */
export interface Nclx {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

/** What the numbers of a picture mean; a file may say it in both ways, or in none. */
export interface Colour {
  /** An ICC profile. */
  readonly profile?: Uint8Array;
  readonly nclx?: Nclx;
}

/**
 * Reads the `colr` boxes among an item's properties.
 * @throws {BoxError} when one ends early
 */
export function readColour(bytes: Uint8Array, properties: readonly Box[]): Colour {
  let colour: Colour = {};
  for (const box of properties.filter(({ type }) => type === 'colr')) {
    const reader = new BoxReader(bytes, box, 'colr');
    const kind = reader.text();
    if (kind === 'nclx') {
      const [primaries, transfer, matrix] = [reader.uint(2), reader.uint(2), reader.uint(2)];
      colour = { ...colour, nclx: { primaries, transfer, matrix, fullRange: reader.uint(1) >> 7 === 1 } };
    } else if (kind === 'prof' || kind === 'rICC') {
      colour = { ...colour, profile: bytes.subarray(box.end - reader.left, box.end) };
    }
  }
  return colour;
}
