import type { Pixels } from './decode-primary.ts';

/** Types of the values in a TIFF directory (TIFF 6.0, section 2). */
const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;

const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
/** Rows that are stored, and read, together. libvips reads a strip at a time. */
const ROWS_PER_STRIP = 16;
const UNASSOCIATED_ALPHA = 2;
const WHITE = 255;

/**
 * Writes pixels as an uncompressed TIFF. This is how pixels get to libvips together with an ICC
 * profile: sharp takes raw pixels without one only.
 * @param profile ICC profile of the pixels; undefined means sRGB
 * @returns a view of a buffer that can be resized: to 0 bytes when it is no longer needed, because
 * the garbage collector might keep its hundreds of megabytes until the next picture has come
 */
export function pixelsAsTiff(pixels: Pixels, profile: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  const { width, height } = pixels;
  // Premultiplied colours are put onto white right here, because libvips would multiply them again.
  const channels = pixels.premultiplied ? 3 : pixels.channels;
  const rowBytes = width * channels;
  const strips = Math.ceil(height / ROWS_PER_STRIP);
  const offsets = Array.from({ length: strips }, (_, strip) => HEADER_BYTES + strip * ROWS_PER_STRIP * rowBytes);
  const sizes = offsets.map((_, strip) => Math.min(ROWS_PER_STRIP, height - strip * ROWS_PER_STRIP) * rowBytes);
  const directory = writeDirectory(HEADER_BYTES + height * rowBytes, [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array(channels).fill(8)],
    [259, SHORT, [1]],
    [262, SHORT, [2]],
    [273, LONG, offsets],
    [277, SHORT, [channels]],
    [278, LONG, [ROWS_PER_STRIP]],
    [279, LONG, sizes],
    ...(channels === 4 ? [[338, SHORT, [UNASSOCIATED_ALPHA]] as const] : []),
    ...(profile ? [[34675, UNDEFINED, profile] as const] : []),
  ]);
  const bytes = HEADER_BYTES + height * rowBytes + directory.length;
  const tiff = new Uint8Array(new ArrayBuffer(bytes, { maxByteLength: bytes }));
  const header = new DataView(tiff.buffer);
  header.setUint32(0, 0x49492a00);
  header.setUint32(4, HEADER_BYTES + height * rowBytes, true);
  tiff.set(directory, HEADER_BYTES + height * rowBytes);
  pixels.forEachRow((row, y) => {
    const at = HEADER_BYTES + y * rowBytes;
    if (pixels.premultiplied) putOnWhite(row, tiff.subarray(at, at + rowBytes));
    else if (pixels.limitedRange) expand(row, tiff.subarray(at, at + rowBytes), channels);
    else tiff.set(row, at);
  });
  return tiff;
}

function putOnWhite(rgba: Uint8Array, rgb: Uint8Array): void {
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const uncovered = WHITE - (rgba[from + 3] ?? 0);
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[to + channel] = Math.min(WHITE, (rgba[from + channel] ?? 0) + uncovered);
    }
  }
}

/** Spreads 16 to 235 to 0 to 255 (ITU-R BT.601). */
const EXPANDED = Uint8ClampedArray.from({ length: 256 }, (_, value) => ((value - 16) * 255) / 219);

function expand(row: Uint8Array, expanded: Uint8Array, channels: number): void {
  for (const [at, value] of row.entries()) {
    const isAlpha = channels === 4 && at % 4 === 3;
    expanded[at] = isAlpha ? value : (EXPANDED[value] ?? 0);
  }
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
