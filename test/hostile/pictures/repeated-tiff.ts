import { deflateSync } from 'node:zlib';

export interface RepeatedTiff {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly samples: number;
  readonly photometric: number;
  /** SampleFormat: 1 unsigned (default), 3 floating point. */
  readonly format?: 1 | 3;
  readonly extras?: readonly number[];
  readonly planar?: boolean;
  /** Rows of a strip. Default 100. */
  readonly rows?: number;
  /** Side of a tile, in place of strips. */
  readonly tile?: number;
}

const [LONG, DEFLATE] = [4, 8];
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/**
 * Writes a black TIFF of any size in few bytes: all its strips or tiles are the same compressed
 * bytes. Their sizes are one long list of LONGs, and so are their places.
 */
export function repeatedTiff(options: RepeatedTiff): Buffer {
  const { width, height, bits, samples, photometric, format = 1, extras, planar = false, rows = 100, tile } = options;
  const [chunkWidth, chunkHeight] = tile ? [tile, tile] : [width, rows];
  const rowBytes = Math.ceil((chunkWidth * bits * (planar ? 1 : samples)) / 8);
  const chunk = deflateSync(Buffer.alloc(rowBytes * Math.min(chunkHeight, height)), { level: 9 });
  const chunks = Math.ceil(width / chunkWidth) * Math.ceil(height / chunkHeight) * (planar ? samples : 1);
  const same = (value: number, count: number) => Array<number>(count).fill(value);
  const [offsetsTag, sizesTag] = tile ? [324, 325] : [273, 279];
  const entries: [tag: number, values: readonly number[]][] = [
    [256, [width]],
    [257, [height]],
    [258, same(bits, samples)],
    [259, [DEFLATE]],
    [262, [photometric]],
    [277, [samples]],
    [284, [planar ? 2 : 1]],
    [339, same(format, samples)],
    [offsetsTag, same(HEADER_BYTES, chunks)],
    [sizesTag, same(chunk.length, chunks)],
    ...(tile
      ? ([
          [322, [tile]],
          [323, [tile]],
        ] as [number, number[]][])
      : ([[278, [rows]]] as [number, number[]][])),
    ...(extras ? ([[338, extras]] as [number, readonly number[]][]) : []),
  ];
  entries.sort(([one], [other]) => one - other);
  const directoryAt = HEADER_BYTES + chunk.length + (chunk.length % 2);
  let valuesAt = directoryAt + 2 + entries.length * ENTRY_BYTES + 4;
  const lists = entries.map(([, values]) => (values.length > 1 ? 4 * values.length : 0));
  const file = Buffer.alloc(valuesAt + lists.reduce((sum, bytes) => sum + bytes, 0));
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(directoryAt, 4);
  chunk.copy(file, HEADER_BYTES);
  file.writeUInt16LE(entries.length, directoryAt);
  for (const [index, [tag, values]] of entries.entries()) {
    const at = directoryAt + 2 + index * ENTRY_BYTES;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(LONG, at + 2);
    file.writeUInt32LE(values.length, at + 4);
    file.writeUInt32LE(values.length > 1 ? valuesAt : (values[0] ?? 0), at + 8);
    if (values.length === 1) continue;
    for (const value of values) valuesAt = file.writeUInt32LE(value, valuesAt);
  }
  return file;
}
