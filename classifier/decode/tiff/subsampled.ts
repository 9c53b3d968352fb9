import type { Layout } from './layout.ts';
import { type Plane, rowAt } from './plane.ts';
import type { ReadRow } from './samples.ts';

/**
 * Returns a function that reads rows of YCbCr samples of 8 bits whose colours are subsampled. They
 * come in blocks: the luma samples of a block row by row, then Cb and Cr (TIFF 6.0, section 21).
 */
export function readSubsampled(plane: Plane, { width, tileWidth, subsampling }: Layout): ReadRow {
  const { bytes } = plane;
  const [across, down] = subsampling;
  const blockBytes = across * down + 2;
  const chunkWidth = tileWidth ?? width;
  return (y, row) => {
    const line = y % down;
    for (let x = 0; x < width; x += 1) {
      const inChunk = x % chunkWidth;
      const start = rowAt(plane, (y - line) / down, (x - inChunk) / chunkWidth);
      const at = start + Math.floor(inChunk / across) * blockBytes;
      row[x * 3] = bytes[at + line * across + (inChunk % across)] ?? 0;
      row[x * 3 + 1] = bytes[at + blockBytes - 2] ?? 0;
      row[x * 3 + 2] = bytes[at + blockBytes - 1] ?? 0;
    }
  };
}
