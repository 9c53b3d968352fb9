import { EXTRA, PHOTOMETRIC, TAG } from './tags.ts';

/** What is written of a picture, besides its pixels. */
export interface PlainPicture {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 CMYK. */
  readonly channels: 1 | 3 | 4;
  /** Whether a byte of transparency follows each pixel's colours. */
  readonly hasAlpha: boolean;
  /** EXIF orientation, 1 to 8. Default 1, upright. */
  readonly orientation?: number;
  /** ICC profile of the pixels; undefined means sRGB, or grey with the same curve. */
  readonly profile: Uint8Array | undefined;
}

/** A TIFF, and where in it the pixels go: uint8 [height, width, channels and alpha]. */
export interface PlainTiff {
  /**
   * The file, a view of a buffer that can be resized: to 0 bytes when it is no longer needed,
   * because the garbage collector might keep its hundreds of megabytes until the next picture has
   * come.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Types of the values in a TIFF directory (TIFF 6.0, section 2). */
const [SHORT, LONG, UNDEFINED] = [3, 4, 7];
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
/** Rows that are stored, and read, together. libvips reads a strip at a time. */
const ROWS_PER_STRIP = 16;
/** More strips would make the directory of a very high picture large. */
const MAX_STRIPS = 4096;
const PHOTOMETRICS = { 1: PHOTOMETRIC.blackIsZero, 3: PHOTOMETRIC.rgb, 4: PHOTOMETRIC.separated } as const;

/**
 * Makes an uncompressed TIFF of 8 bits that is complete but for its pixels, which are still 0. This
 * is how pixels get to libvips together with a profile: sharp takes raw pixels without one only.
 */
export function plainTiff(picture: PlainPicture): PlainTiff {
  const { width, height, channels, hasAlpha, orientation = 1, profile } = picture;
  const samples = channels + (hasAlpha ? 1 : 0);
  const rowBytes = width * samples;
  const rows = Math.max(ROWS_PER_STRIP, Math.ceil(height / MAX_STRIPS));
  const strips = Array.from({ length: Math.ceil(height / rows) }, (_, strip) => strip * rows);
  const directoryAt = HEADER_BYTES + height * rowBytes + ((height * rowBytes) % 2);
  const directory = writeDirectory(directoryAt, [
    [TAG.imageWidth, LONG, [width]],
    [TAG.imageLength, LONG, [height]],
    [TAG.bitsPerSample, SHORT, Array(samples).fill(8)],
    [TAG.compression, SHORT, [1]],
    [TAG.photometric, SHORT, [PHOTOMETRICS[channels]]],
    [TAG.stripOffsets, LONG, strips.map((row) => HEADER_BYTES + row * rowBytes)],
    [TAG.orientation, SHORT, [orientation]],
    [TAG.samplesPerPixel, SHORT, [samples]],
    [TAG.rowsPerStrip, LONG, [rows]],
    [TAG.stripByteCounts, LONG, strips.map((row) => Math.min(rows, height - row) * rowBytes)],
    ...(hasAlpha ? [[TAG.extraSamples, SHORT, [EXTRA.alpha]] as const] : []),
    ...(profile ? [[TAG.iccProfile, UNDEFINED, profile] as const] : []),
  ]);
  const length = directoryAt + directory.length;
  const bytes = new Uint8Array(new ArrayBuffer(length, { maxByteLength: length }));
  const header = new DataView(bytes.buffer);
  header.setUint32(0, 0x49492a00);
  header.setUint32(4, directoryAt, true);
  bytes.set(directory, directoryAt);
  return { bytes, pixels: new Uint8ClampedArray(bytes.buffer, HEADER_BYTES, height * rowBytes) };
}

type Field = readonly [tag: number, type: number, values: readonly number[] | Uint8Array];

/** Writes the directory, and behind it the values that do not fit into their entries. */
function writeDirectory(offset: number, fields: readonly Field[]): Uint8Array {
  const inline = 2 + fields.length * ENTRY_BYTES + 4;
  const outside = fields.map(([, type, values]) => values.length * bytesOf(type)).map((size) => (size > 4 ? size : 0));
  const bytes = new Uint8Array(inline + outside.reduce((sum, size) => sum + size + (size % 2), 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, fields.length, true);
  let next = inline;
  for (const [index, [tag, type, values]] of fields.entries()) {
    const entry = 2 + index * ENTRY_BYTES;
    view.setUint16(entry, tag, true);
    view.setUint16(entry + 2, type, true);
    view.setUint32(entry + 4, values.length, true);
    const size = outside[index] ?? 0;
    if (size > 0) view.setUint32(entry + 8, offset + next, true);
    writeValues(view, size > 0 ? next : entry + 8, type, values);
    next += size + (size % 2);
  }
  return bytes;
}

function writeValues(view: DataView, at: number, type: number, values: readonly number[] | Uint8Array): void {
  for (const [index, value] of values.entries()) {
    if (type === SHORT) view.setUint16(at + 2 * index, value, true);
    else if (type === LONG) view.setUint32(at + 4 * index, value, true);
    else view.setUint8(at + index, value);
  }
}

function bytesOf(type: number): number {
  return type === SHORT ? 2 : type === LONG ? 4 : 1;
}
