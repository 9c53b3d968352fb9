import { BitReader } from './bit-reader.ts';
import { type Box, BoxError, BoxReader } from './box-reader.ts';

/** What the bitstream itself says about a coded picture. */
export interface HevcPicture {
  /** Size of the coded picture, before the bitstream's own cropping, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether there is brightness only (4:0:0). */
  readonly monochrome: boolean;
}

/** Bytes of `hvcC` before its arrays of parameter sets (ISO/IEC 14496-15, 8.3.2.1.2). */
const HVCC_HEADER_BYTES = 21;
const NAL_HEADER_BYTES = 2;
/** Types of NAL units, from table 7-1 of ITU-T H.265: below 32 they hold a part of a picture. */
const FIRST_TYPE_WITHOUT_PICTURE = 32;
const SEQUENCE_PARAMETERS = 33;

/**
 * Walks through the NAL units of one coded picture without decoding it. This bounds the decoder's
 * work before it starts: the decoder believes the bitstream, whatever size the file's boxes give,
 * and decodes every picture that it is given.
 * @param config the item's `hvcC` box in `file`
 * @param data the item's own bytes
 * @returns the largest size that any of its parameter sets gives
 * @throws {BoxError} when units do not fill the data exactly, when one ends in zeros (which no unit
 * may), and unless there is exactly one picture
 */
export function readHevcPicture(file: Uint8Array, config: Box, data: Uint8Array): HevcPicture {
  const { lengthBytes, units } = readConfig(file, config);
  const parameters = units.filter(isSequenceParameters);
  let pictures = 0;
  for (const unit of readUnits(data, lengthBytes)) {
    if (unit.at(-1) === 0) throw new BoxError('its coded data is partly zeros');
    if (isSequenceParameters(unit)) parameters.push(unit);
    if (startsPicture(unit)) pictures += 1;
  }
  if (pictures !== 1) throw new BoxError(`one of its items has ${pictures} coded pictures in place of one`);
  const sizes = parameters.map(readSize);
  if (sizes.length === 0) throw new BoxError('its coded data has no parameter set');
  return {
    width: Math.max(...sizes.map(({ width }) => width)),
    height: Math.max(...sizes.map(({ height }) => height)),
    monochrome: sizes.every(({ monochrome }) => monochrome),
  };
}

function readConfig(file: Uint8Array, config: Box): { lengthBytes: number; units: Uint8Array[] } {
  const reader = new BoxReader(file, config, 'hvcC');
  reader.skip(HVCC_HEADER_BYTES);
  const lengthBytes = (reader.uint(1) & 3) + 1;
  const units: Uint8Array[] = [];
  for (let arrays = reader.uint(1); arrays > 0; arrays -= 1) {
    reader.skip(1);
    for (let count = reader.uint(2); count > 0; count -= 1) {
      const length = reader.uint(2);
      const start = config.end - reader.left;
      reader.skip(length);
      units.push(file.subarray(start, start + length));
    }
  }
  return { lengthBytes, units };
}

function* readUnits(data: Uint8Array, lengthBytes: number): Generator<Uint8Array> {
  const reader = new BoxReader(data, { start: 0, end: data.length }, 'its coded data');
  while (reader.left > 0) {
    const length = reader.uint(lengthBytes);
    const start = data.length - reader.left;
    reader.skip(length);
    if (length < NAL_HEADER_BYTES) throw new BoxError('its coded data has an empty unit');
    yield data.subarray(start, start + length);
  }
}

function typeOf(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

/** Tells whether a unit belongs to the base layer, the only one that is decoded. */
function isBaseLayer(unit: Uint8Array): boolean {
  return ((unit[0] ?? 0) & 1) === 0 && (unit[1] ?? 0) >> 3 === 0;
}

function isSequenceParameters(unit: Uint8Array): boolean {
  return typeOf(unit) === SEQUENCE_PARAMETERS && isBaseLayer(unit);
}

/** Tells whether a unit is the first slice of a picture: its first bit says so. */
function startsPicture(unit: Uint8Array): boolean {
  return typeOf(unit) < FIRST_TYPE_WITHOUT_PICTURE && isBaseLayer(unit) && ((unit[NAL_HEADER_BYTES] ?? 0) & 0x80) !== 0;
}

/** Bits of a profile and of a level in `profile_tier_level` (ITU-T H.265, 7.3.3). */
const PROFILE_BITS = 88;
const LEVEL_BITS = 8;
const MAX_SUB_LAYERS = 8;
const CHROMA_444 = 3;

/** Reads a sequence parameter set as far as the size (ITU-T H.265, 7.3.2.2.1). */
function readSize(unit: Uint8Array): HevcPicture {
  const bits = new BitReader(withoutEmulation(unit.subarray(NAL_HEADER_BYTES)));
  bits.skip(4);
  const subLayers = bits.uint(3);
  bits.skip(1 + PROFILE_BITS + LEVEL_BITS);
  const present = Array.from({ length: subLayers }, () => ({ profile: bits.uint(1), level: bits.uint(1) }));
  if (subLayers > 0) bits.skip(2 * (MAX_SUB_LAYERS - subLayers));
  for (const { profile, level } of present) bits.skip(profile * PROFILE_BITS + level * LEVEL_BITS);
  bits.golomb();
  const chroma = bits.golomb();
  if (chroma === CHROMA_444) bits.skip(1);
  return { width: bits.golomb(), height: bits.golomb(), monochrome: chroma === 0 };
}

/** The size stands within the first bytes of a set, so that no more need to be looked at. */
const MAX_SET_BYTES = 256;

/** Removes the 3 that follows two zeros wherever a start code would appear otherwise. */
function withoutEmulation(unit: Uint8Array): Uint8Array {
  const head = unit.subarray(0, MAX_SET_BYTES);
  return head.filter((byte, at) => !(byte === 3 && at >= 2 && head[at - 1] === 0 && head[at - 2] === 0));
}
