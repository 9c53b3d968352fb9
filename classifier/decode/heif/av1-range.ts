import { BitReader } from './bit-reader.ts';
import { BoxError } from './box-reader.ts';

/** The type of the unit that describes all others (AV1 specification, 6.2.2). */
const SEQUENCE_HEADER = 1;
/** The header comes first, or behind a few units without content. */
const MAX_UNITS = 16;
/** The range stands within the first bytes of a header, 32 operating points at most before them. */
const MAX_HEADER_BYTES = 1024;
/** The largest number of bytes of a length (4.10.5). */
const MAX_LENGTH_BYTES = 8;

/**
 * Reads from the sequence header of an AV1 bitstream whether its numbers use their whole range, not
 * 16 to 235 of 255 only. Nothing is decoded.
 * @param data the units (OBUs) of a picture, from the first one on
 * @returns undefined where there is no such header among the first units
 * @throws {BoxError} when a unit ends early
 */
export function isFullRangeAv1(data: Uint8Array): boolean | undefined {
  let at = 0;
  for (let unit = 0; unit < MAX_UNITS && at < data.length; unit += 1) {
    const header = data[at] ?? 0;
    const [type, hasExtension, hasLength] = [(header >> 3) & 15, (header >> 2) & 1, (header >> 1) & 1];
    at += 1 + hasExtension;
    const length = hasLength ? readLength(data, at) : { value: data.length - at, bytes: 0 };
    at += length.bytes;
    if (type === SEQUENCE_HEADER) {
      return readSequenceHeader(new BitReader(data.subarray(at, at + Math.min(length.value, MAX_HEADER_BYTES))));
    }
    at += length.value;
  }
  return undefined;
}

/** Reads a number of which each byte holds seven bits, the lowest first (4.10.5, leb128). */
function readLength(data: Uint8Array, at: number): { value: number; bytes: number } {
  let value = 0;
  for (let bytes = 1; bytes <= MAX_LENGTH_BYTES; bytes += 1) {
    const byte = data[at + bytes - 1];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * (bytes - 1));
    if (byte < 0x80) return { value, bytes };
  }
  throw new BoxError('the length of a unit of its coded data ends early');
}

/** `sequence_header_obu` (5.5.1). */
function readSequenceHeader(bits: BitReader): boolean {
  const profile = bits.uint(3);
  bits.skip(1);
  const isReduced = bits.uint(1) === 1;
  if (isReduced) bits.skip(5);
  else skipOperatingPoints(bits);
  const [widthBits, heightBits] = [bits.uint(4) + 1, bits.uint(4) + 1];
  bits.skip(widthBits + heightBits);
  if (!isReduced && bits.uint(1)) bits.skip(7);
  bits.skip(3);
  if (!isReduced) skipTools(bits);
  bits.skip(3);
  return readRange(bits, profile);
}

/** `timing_info`, `decoder_model_info` and the operating points (5.5.3 to 5.5.5). */
function skipOperatingPoints(bits: BitReader): void {
  let delayBits: number | undefined;
  if (bits.uint(1)) {
    bits.skip(64);
    if (bits.uint(1)) bits.golomb();
    if (bits.uint(1)) {
      delayBits = bits.uint(5) + 1;
      bits.skip(42);
    }
  }
  const hasDisplayDelay = bits.uint(1) === 1;
  for (let points = bits.uint(5) + 1; points > 0; points -= 1) {
    bits.skip(12);
    const level = bits.uint(5);
    // Only levels above 3.3 have a tier.
    if (level > 7) bits.skip(1);
    if (delayBits !== undefined && bits.uint(1)) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.uint(1)) bits.skip(4);
  }
}

/** The coding tools that a still picture does not have. */
function skipTools(bits: BitReader): void {
  bits.skip(4);
  const hasOrderHint = bits.uint(1) === 1;
  if (hasOrderHint) bits.skip(2);
  const mayHaveScreenContent = bits.uint(1) === 1 || bits.uint(1) === 1;
  if (mayHaveScreenContent && bits.uint(1) === 0) bits.skip(1);
  if (hasOrderHint) bits.skip(3);
}

/** Code numbers that mean RGB itself, always in full range: sRGB, and no matrix (H.273). */
const RGB = { primaries: 1, transfer: 13, matrix: 0 };

/** `color_config` (5.5.2) as far as the range. */
function readRange(bits: BitReader, profile: number): boolean {
  const isHigh = bits.uint(1) === 1;
  if (profile === 2 && isHigh) bits.skip(1);
  const isGrey = profile !== 1 && bits.uint(1) === 1;
  if (bits.uint(1)) {
    const [primaries, transfer, matrix] = [bits.uint(8), bits.uint(8), bits.uint(8)];
    const isRgb = primaries === RGB.primaries && transfer === RGB.transfer && matrix === RGB.matrix;
    if (!isGrey && isRgb) return true;
  }
  return bits.uint(1) === 1;
}
