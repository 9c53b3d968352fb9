import { unsupported } from '../refusals.ts';
import { viewOf } from './directory.ts';
import type { Layout } from './layout.ts';
import { type Plane, rowAt } from './plane.ts';
import { SAMPLE_FORMAT } from './tags.ts';

/** Writes the samples of a row, pixel by pixel, into `row`: [width * samples]. */
export type ReadRow = (y: number, row: Float64Array) => void;

type ReadSample = (view: DataView, at: number) => number;

/** The widest sample that is read bit by bit. */
const MAX_PACKED_BITS = 31;

/** Programs do not agree on the byte order of such samples. */
const AMBIGUOUS_BITS = 24;

/**
 * Returns a function that reads rows of samples as numbers.
 * @throws {UnsupportedFormatError} for a depth that is not known
 */
export function rowReader(planes: readonly Plane[], layout: Layout, littleEndian: boolean): ReadRow {
  const { width, bits, sampleFormat, samples } = layout;
  const read = wholeBytes(bits, sampleFormat, littleEndian);
  const isPacked = sampleFormat !== SAMPLE_FORMAT.float && bits <= MAX_PACKED_BITS && bits !== AMBIGUOUS_BITS;
  if (!read && !isPacked) throw unsupported('tiff', `of ${kindOf(layout)}`, 'a TIFF or PNG of 8 or 16 bits');
  const step = planes.length > 1 ? samples : 1;
  const perPixel = planes.length > 1 ? 1 : samples;
  const chunkSamples = (layout.tileWidth ?? width) * perPixel;
  const sources = planes.map((plane) => ({ plane, view: viewOf(plane.bytes) }));
  return (y, row) => {
    for (const [first, { plane, view }] of sources.entries()) {
      for (let start = 0, chunk = 0; start < width * perPixel; start += chunkSamples, chunk += 1) {
        const at = rowAt(plane, y, chunk);
        const count = Math.min(chunkSamples, width * perPixel - start);
        for (let index = 0; index < count; index += 1) {
          row[(start + index) * step + first] = read
            ? read(view, at + (index * bits) / 8)
            : packedBits(view, at * 8 + index * bits, bits, sampleFormat === SAMPLE_FORMAT.signed);
        }
      }
    }
  };
}

export function kindOf({ bits, sampleFormat }: Layout): string {
  const kinds: Record<number, string> = { 1: 'whole numbers', 2: 'signed numbers', 3: 'floating-point numbers' };
  return `${kinds[sampleFormat] ?? `numbers of kind ${sampleFormat}`} of ${bits} bits`;
}

/** How a sample of whole bytes is read; undefined for any other. */
function wholeBytes(bits: number, sampleFormat: number, littleEndian: boolean): ReadSample | undefined {
  const readers: Record<string, ReadSample> = {
    u8: (view, at) => view.getUint8(at),
    u16: (view, at) => view.getUint16(at, littleEndian),
    u32: (view, at) => view.getUint32(at, littleEndian),
    u64: (view, at) => Number(view.getBigUint64(at, littleEndian)),
    i8: (view, at) => view.getInt8(at),
    i16: (view, at) => view.getInt16(at, littleEndian),
    i32: (view, at) => view.getInt32(at, littleEndian),
    i64: (view, at) => Number(view.getBigInt64(at, littleEndian)),
    f16: (view, at) => halfFloat(view.getUint16(at, littleEndian)),
    f32: (view, at) => view.getFloat32(at, littleEndian),
    f64: (view, at) => view.getFloat64(at, littleEndian),
  };
  const letters: Record<number, string> = { 1: 'u', 2: 'i', 3: 'f', 4: 'u' };
  return readers[`${letters[sampleFormat]}${bits}`];
}

/** IEEE 754 binary16. */
function halfFloat(half: number): number {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Packed bits begin with the highest one, whatever the byte order (TIFF 6.0, FillOrder). */
function packedBits(view: DataView, bitAt: number, bits: number, isSigned: boolean): number {
  // Not by shifting: a plane may have more bits than a signed number of 32 bits counts.
  let byte = Math.floor(bitAt / 8);
  let free = 8 - (bitAt - 8 * byte);
  let value = 0;
  for (let left = bits; left > 0; byte += 1) {
    const taken = Math.min(left, free);
    value = value * (1 << taken) + ((view.getUint8(byte) >> (free - taken)) & ((1 << taken) - 1));
    left -= taken;
    free = 8;
  }
  return isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}
