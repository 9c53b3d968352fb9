import { unsupported } from '../refusals.ts';
import type { Layout } from './layout.ts';
import { type Plane, rowAt } from './plane.ts';
import { SAMPLE_FORMAT } from './tags.ts';

/** Writes the samples of a row, pixel by pixel, into `row`: [width * samples]. */
export type ReadRow = (y: number, row: Float64Array) => void;

/**
 * Reads samples that follow each other, the first at byte `at` of a plane, into `samples`, until
 * that is full.
 */
type ReadSamples = (plane: Plane, at: number, samples: Float64Array) => void;

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
  const isPacked = sampleFormat !== SAMPLE_FORMAT.float && bits <= MAX_PACKED_BITS && bits !== AMBIGUOUS_BITS;
  const read =
    wholeBytes(bits, sampleFormat, littleEndian) ??
    (isPacked ? packedBits(bits, sampleFormat === SAMPLE_FORMAT.signed) : undefined);
  if (!read) throw unsupported('tiff', `of ${kindOf(layout)}`, 'a TIFF or PNG of 8 or 16 bits');
  const step = planes.length > 1 ? samples : 1;
  const rowSamples = planes.length > 1 ? width : width * samples;
  const chunkSamples = (rowSamples / width) * (layout.tileWidth ?? width);
  const chunk = new Float64Array(Math.min(chunkSamples, rowSamples));
  return (y, row) => {
    for (const [first, plane] of planes.entries()) {
      for (let start = 0, column = 0; start < rowSamples; start += chunkSamples, column += 1) {
        const found = chunk.subarray(0, rowSamples - start);
        read(plane, rowAt(plane, y, column), found);
        if (step === 1) row.set(found, start);
        else
          for (let index = 0; index < found.length; index += 1) row[(start + index) * step + first] = found[index] ?? 0;
      }
    }
  };
}

export function kindOf({ bits, sampleFormat }: Layout): string {
  const kinds: Record<number, string> = { 1: 'whole numbers', 2: 'signed numbers', 3: 'floating-point numbers' };
  return `${kinds[sampleFormat] ?? `numbers of kind ${sampleFormat}`} of ${bits} bits`;
}

/**
 * Samples of whole bytes, by kind and bits. Every machine that ONNX Runtime's package for Node runs
 * on is little-endian.
 */
const ARRAYS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  f16: Uint16Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** From big-endian to little-endian, by bytes of a sample. */
const SWAPS: Readonly<Record<number, (bytes: Buffer) => void>> = {
  2: (bytes) => bytes.swap16(),
  4: (bytes) => bytes.swap32(),
  8: (bytes) => bytes.swap64(),
};

const LETTERS: Readonly<Record<number, string>> = { 1: 'u', 2: 'i', 3: 'f', 4: 'u' };

/**
 * How samples of whole bytes are read; undefined for any other. Arrays are many times as fast as a
 * DataView, but their first byte must be at a multiple of their samples' size: so bytes are copied.
 */
function wholeBytes(bits: number, sampleFormat: number, littleEndian: boolean): ReadSamples | undefined {
  const kind = `${LETTERS[sampleFormat]}${bits}`;
  if (!isKind(kind)) return undefined;
  const bytes = bits / 8;
  const swap = littleEndian ? undefined : SWAPS[bytes];
  return ({ bytes: from }, at, samples) => {
    const copy = Buffer.from(new ArrayBuffer(samples.length * bytes));
    copy.set(from.subarray(at, at + copy.length));
    swap?.(copy);
    const values = new ARRAYS[kind](copy.buffer);
    if (values instanceof BigUint64Array || values instanceof BigInt64Array) {
      for (let index = 0; index < samples.length; index += 1) samples[index] = Number(values[index]);
    } else if (kind === 'f16') {
      for (let index = 0; index < samples.length; index += 1) samples[index] = halfFloat(values[index] ?? 0);
    } else samples.set(values);
  };
}

function isKind(name: string): name is keyof typeof ARRAYS {
  return name in ARRAYS;
}

/** IEEE 754 binary16. */
function halfFloat(half: number): number {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Packed bits begin with the highest one, whatever the byte order (TIFF 6.0, FillOrder). */
function packedBits(bits: number, isSigned: boolean): ReadSamples {
  return ({ bytes }, at, samples) => {
    for (let index = 0; index < samples.length; index += 1) {
      const bitAt = index * bits;
      const low = bitAt % 8;
      let byte = at + (bitAt - low) / 8;
      let free = 8 - low;
      let value = 0;
      for (let left = bits; left > 0; byte += 1) {
        const taken = Math.min(left, free);
        value = value * (1 << taken) + (((bytes[byte] ?? 0) >> (free - taken)) & ((1 << taken) - 1));
        left -= taken;
        free = 8;
      }
      samples[index] = isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
    }
  };
}
