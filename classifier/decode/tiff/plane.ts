/**
 * Packed samples: strips or tiles below each other, row by row. The samples of a row follow each
 * other without a gap.
 */
export interface Plane {
  readonly bytes: Uint8Array;
  /** Bytes of a row of one strip or tile. Behind the samples there may be padding. */
  readonly rowBytes: number;
  /** Rows of one strip or tile. */
  readonly chunkHeight: number;
  /** Tiles side by side; 1 for strips. */
  readonly across: number;
}

/** Returns where a row of a strip or tile begins: the one in column `chunk`, at row `y`. */
export function rowAt({ rowBytes, chunkHeight, across }: Plane, y: number, chunk: number): number {
  const inChunk = y % chunkHeight;
  return (((y - inChunk) / chunkHeight) * across * chunkHeight + chunk * chunkHeight + inChunk) * rowBytes;
}
