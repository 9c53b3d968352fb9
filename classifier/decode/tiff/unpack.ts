import { openWithSharp } from '../open-with-sharp.ts';
import { damaged, unsupported } from '../refusals.ts';
import { type Directory, numbersOf } from './directory.ts';
import type { Layout } from './layout.ts';
import type { Plane } from './plane.ts';
import { undoPredictor } from './predictor.ts';
import { rewriteDirectory } from './rewrite.ts';
import { notUnpackable } from './support.ts';
import { COMPRESSION, PHOTOMETRIC, TAG } from './tags.ts';

const UNPACKABLE: readonly number[] = [
  COMPRESSION.none,
  COMPRESSION.lzw,
  COMPRESSION.deflate,
  COMPRESSION.packBits,
  COMPRESSION.oldDeflate,
];

/**
 * Tiles have at least 16 x 16 pixels (TIFF 6.0, section 15), so 30 megapixels have 117,000. A
 * million tiles of one pixel took 1.7 s.
 */
const MAX_CHUNKS = 300_000;

/** libvips' largest width or height. */
const MAX_SIDE = 100_000_000;

/**
 * Unpacks the samples of a picture, whatever they mean. libtiff does it: the file is described to
 * it as a grey picture of 8 bits that is as wide as a row of a strip or tile has bytes.
 * @returns one plane, or one a sample
 * @throws {UnsupportedFormatError} when the compression does not treat samples as bytes
 * @throws {TruncatedImageError} when data is missing or damaged
 */
export async function unpackPlanes(directory: Directory, layout: Layout): Promise<Plane[]> {
  const shape = shapeOf(layout);
  if (!UNPACKABLE.includes(layout.compression) || !(Math.max(shape.rowBytes, shape.rows) <= MAX_SIDE)) {
    throw notUnpackable(layout);
  }
  const [offsetsTag, countsTag] = layout.tileWidth
    ? [TAG.tileOffsets, TAG.tileByteCounts]
    : [TAG.stripOffsets, TAG.stripByteCounts];
  const { rowBytes, rows, chunkHeight, across } = shape;
  const chunks = Math.ceil(rows / chunkHeight);
  const planeCount = layout.planar ? layout.samples : 1;
  if (!(chunks * planeCount <= MAX_CHUNKS)) {
    throw unsupported('tiff', `in ${chunks * planeCount} strips or tiles`, 'a TIFF of fewer and larger ones');
  }
  const [offsets, counts] = [offsetsTag, countsTag].map((tag) => numbersOf(directory, tag, chunks * planeCount));
  if (!offsets || !counts) throw damaged('tiff', 'its directory does not say where the samples are');
  const planes: Plane[] = [];
  for (let index = 0; index < planeCount; index += 1) {
    const some = (values: number[]): number[] => values.slice(index * chunks, (index + 1) * chunks);
    if (some(counts).length < chunks || some(offsets).length < chunks) {
      throw damaged('tiff', 'its directory lists too few strips or tiles');
    }
    // Tiles become strips, because libvips reads only tiles of a multiple of 16 bytes.
    const grey = rewriteDirectory(
      directory,
      [TAG.compression, TAG.fillOrder],
      new Map([
        [TAG.imageWidth, [rowBytes]],
        [TAG.imageLength, [rows]],
        [TAG.bitsPerSample, [8]],
        [TAG.samplesPerPixel, [1]],
        [TAG.photometric, [PHOTOMETRIC.blackIsZero]],
        [TAG.rowsPerStrip, [chunkHeight]],
        [TAG.stripOffsets, some(offsets)],
        [TAG.stripByteCounts, some(counts)],
      ]),
    );
    const plane = { bytes: await readGrey(grey), rowBytes, chunkHeight, across };
    undoPredictor(plane, layout, directory.littleEndian);
    planes.push(plane);
  }
  return planes;
}

/** The bytes that unpacking makes of a picture. */
export function unpackedBytes(layout: Layout): number {
  const { rowBytes, rows } = shapeOf(layout);
  return rowBytes * rows * (layout.planar ? layout.samples : 1);
}

interface Shape extends Omit<Plane, 'bytes'> {
  /** Rows of all strips or tiles together. */
  readonly rows: number;
}

function shapeOf(layout: Layout): Shape {
  const { width, height, bits, samples, planar, tileWidth, chunkHeight: pixels } = layout;
  const chunkWidth = tileWidth ?? width;
  const across = Math.ceil(width / chunkWidth);
  const [sub, down] = subsamplingOf(layout);
  const rowBytes =
    sub * down > 1
      ? Math.ceil(chunkWidth / sub) * (sub * down + 2)
      : Math.ceil((chunkWidth * (planar ? 1 : samples) * bits) / 8);
  const chunkHeight = Math.ceil(pixels / down);
  const rows = Math.ceil(height / down);
  // The last strip is as short as the picture; tiles are whole.
  return {
    rowBytes,
    chunkHeight,
    across,
    rows: tileWidth ? Math.ceil(rows / chunkHeight) * chunkHeight * across : rows,
  };
}

/**
 * Chroma subsampling, which packs a block of luma samples and one pair of chroma samples together.
 */
export function subsamplingOf({ photometric, subsampling, planar }: Layout): readonly [number, number] {
  return photometric === PHOTOMETRIC.yCbCr && !planar ? subsampling : [1, 1];
}

async function readGrey(bytes: Uint8Array): Promise<Uint8Array> {
  return openWithSharp({ bytes, isStrict: true })
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause) => {
      throw damaged('tiff', cause);
    });
}
