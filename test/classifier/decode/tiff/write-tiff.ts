import { deflateSync } from 'node:zlib';

/** How a TIFF of a test is stored. */
export interface TiffOptions {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly samples: number;
  readonly photometric: number;
  /** SampleFormat: 1 unsigned (default), 2 signed, 3 floating point. */
  readonly format?: 1 | 2 | 3;
  readonly extras?: readonly number[];
  readonly bigEndian?: boolean;
  readonly bigTiff?: boolean;
  readonly planar?: boolean;
  /** Side of a tile; without it strips of `rowsPerStrip` rows, default 7. */
  readonly tile?: number;
  readonly rowsPerStrip?: number;
  readonly deflate?: boolean;
  /** Further tags, as LONGs. */
  readonly tags?: Readonly<Record<number, readonly number[]>>;
  readonly profile?: Uint8Array;
}

/** The value of a sample, in the file's own numbers. */
type SampleOf = (x: number, y: number, sample: number) => number;

/** Writes a TIFF without a library, so that it can be of any kind. */
export function writeTiff(options: TiffOptions, sampleOf: SampleOf): Buffer {
  const { width, height, samples, planar = false, tile, rowsPerStrip = 7, deflate = false } = options;
  const [chunkWidth, chunkHeight] = tile ? [tile, tile] : [width, Math.min(rowsPerStrip, height)];
  const chunks: Buffer[] = [];
  for (let plane = 0; plane < (planar ? samples : 1); plane += 1) {
    const kinds = planar ? [plane] : Array.from({ length: samples }, (_, index) => index);
    for (let top = 0; top < height; top += chunkHeight) {
      for (let left = 0; left < width; left += chunkWidth) {
        // A tile is whole, the last strip is not.
        const rows = tile ? chunkHeight : Math.min(chunkHeight, height - top);
        const lines = Array.from({ length: rows }, (_, row) =>
          packLine(options, kinds, chunkWidth, (x, kind) =>
            sampleOf(Math.min(width - 1, left + x), Math.min(height - 1, top + row), kind),
          ),
        );
        chunks.push(deflate ? deflateSync(Buffer.concat(lines)) : Buffer.concat(lines));
      }
    }
  }
  return assemble(options, chunks, chunkHeight);
}

function packLine(
  { bits, format = 1, bigEndian = false }: TiffOptions,
  kinds: readonly number[],
  width: number,
  valueAt: (x: number, kind: number) => number,
): Buffer {
  const count = width * kinds.length;
  const values = Array.from({ length: count }, (_, at) =>
    valueAt(Math.floor(at / kinds.length), kinds[at % kinds.length] ?? 0),
  );
  if (![8, 16, 32, 64].includes(bits)) {
    const text = values
      .map((value) => (value < 0 ? value + 2 ** bits : value).toString(2).padStart(bits, '0'))
      .join('');
    return Buffer.from((text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
  }
  const line = Buffer.alloc((count * bits) / 8);
  const view = new DataView(line.buffer, line.byteOffset, line.length);
  for (const [index, value] of values.entries()) {
    const at = (index * bits) / 8;
    if (format === 3 && bits === 64) view.setFloat64(at, value, !bigEndian);
    else if (format === 3 && bits === 32) view.setFloat32(at, value, !bigEndian);
    else if (bits === 8) view.setUint8(at, value);
    else if (bits === 16) view.setUint16(at, value, !bigEndian);
    else if (bits === 32) view.setUint32(at, value, !bigEndian);
    else view.setBigUint64(at, BigInt.asUintN(64, BigInt(Math.round(value))), !bigEndian);
  }
  return line;
}

function assemble(options: TiffOptions, chunks: readonly Buffer[], chunkHeight: number): Buffer {
  const {
    width,
    height,
    bits,
    samples,
    photometric,
    format = 1,
    extras,
    planar,
    tile,
    deflate,
    tags,
    profile,
  } = options;
  const { bigEndian = false, bigTiff = false } = options;
  const bytes = Buffer.alloc(1024 + chunks.length * 16 + (profile?.length ?? 0) + Buffer.concat(chunks).length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const offsetBytes = bigTiff ? 8 : 4;
  const put = (at: number, value: number): void =>
    bigTiff ? view.setBigUint64(at, BigInt(value), !bigEndian) : view.setUint32(at, value, !bigEndian);
  let dataAt = 700;
  const place = (data: Uint8Array): number => {
    bytes.set(data, dataAt);
    dataAt += data.length + (data.length % 2);
    return dataAt - data.length - (data.length % 2);
  };
  const offsets = chunks.map(place);
  const counts = chunks.map(({ length }) => length);
  const same = (value: number): number[] => Array(samples).fill(value);
  const entries: [tag: number, values: readonly number[]][] = [
    [256, [width]],
    [257, [height]],
    [258, same(bits)],
    [259, [deflate ? 8 : 1]],
    [262, [photometric]],
    [277, [samples]],
    [284, [planar ? 2 : 1]],
    [339, same(format)],
    ...(tile
      ? ([
          [322, [tile]],
          [323, [tile]],
          [324, offsets],
          [325, counts],
        ] as [number, number[]][])
      : ([
          [273, offsets],
          [278, [chunkHeight]],
          [279, counts],
        ] as [number, number[]][])),
    ...(extras ? ([[338, extras]] as [number, readonly number[]][]) : []),
    ...Object.entries(tags ?? {}).map(([tag, values]): [number, readonly number[]] => [Number(tag), values]),
  ];
  entries.sort(([a], [b]) => a - b);
  bytes.write(bigEndian ? 'MM' : 'II', 'latin1');
  view.setUint16(2, bigTiff ? 43 : 42, !bigEndian);
  if (bigTiff) view.setUint16(4, 8, !bigEndian);
  put(offsetBytes, 16);
  const count = entries.length + (profile ? 1 : 0);
  if (bigTiff) put(16, count);
  else view.setUint16(16, count, !bigEndian);
  let at = 16 + (bigTiff ? 8 : 2);
  for (const [tag, values] of entries) {
    view.setUint16(at, tag, !bigEndian);
    view.setUint16(at + 2, bigTiff ? 16 : 4, !bigEndian);
    put(at + 4, values.length);
    if (values.length === 1) put(at + 4 + offsetBytes, values[0] ?? 0);
    else {
      put(at + 4 + offsetBytes, dataAt);
      for (const value of values) {
        put(dataAt, value);
        dataAt += offsetBytes;
      }
    }
    at += 4 + 2 * offsetBytes;
  }
  if (profile) {
    view.setUint16(at, 34675, !bigEndian);
    view.setUint16(at + 2, 7, !bigEndian);
    put(at + 4, profile.length);
    put(at + 4 + offsetBytes, place(profile));
  }
  return bytes.subarray(0, dataAt);
}
