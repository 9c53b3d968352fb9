import { type ImageError, NativePackageError, TooManyPixelsError } from '../../errors.ts';
import { damaged, unsupported } from '../refusals.ts';
import type { Source } from '../source.ts';
import { withAvifBrand } from './avif-brand.ts';
import { BoxError } from './box-reader.ts';
import type { Colour } from './colour.ts';
import { OUT_OF_MEMORY, UNSUPPORTED_FEATURE, UNSUPPORTED_FILE } from './decode-primary.ts';
import { askHeicThread } from './heic-decoder.ts';
import type { HeicRequest } from './heic-protocol.ts';
import { type HevcPicture, readHevcPicture } from './hevc-picture.ts';
import { nclxProfile } from './nclx-profile.ts';
import { type CodedItem, dataOf, type PrimaryPicture, propertyOf, readPrimaryPicture } from './primary-picture.ts';
import { readAvif } from './read-avif.ts';
import { readItems } from './read-items.ts';

const HEVC = 'hvc1';
const AV1 = 'av01';

/** Other codecs that a HEIF file may use, by the type of their items. */
const OTHER_CODECS: Readonly<Record<string, string>> = {
  avc1: 'H.264',
  j2k1: 'JPEG 2000',
  jpeg: 'JPEG',
  unci: 'uncompressed data',
  vvc1: 'H.266',
};

/**
 * A coded picture is stored in whole blocks, so it may be larger than what is shown of it by up to
 * one block of 64 pixels (ITU-T H.265, 7.4.3.3.1).
 */
const BLOCK = 64;

/**
 * Decodes a HEIC file to a TIFF that sharp reads: upright, 8 bits, with the profile of its colours.
 * A file whose picture is coded in AV1, in spite of its brand, is read as AVIF.
 * @throws {UnsupportedFormatError} for other codecs, and for a sequence without a still picture
 * @throws {TruncatedImageError} when a part of the file is missing or damaged
 * @throws {TooManyPixelsError} before anything is decoded
 * @throws {NativePackageError} when libheif-js is not installed
 */
export async function readHeic(bytes: Uint8Array, maxPixels: number): Promise<Source> {
  try {
    const items = readItems(bytes);
    if (items === undefined) throw unsupported('heic', 'a sequence without a still picture');
    const picture = readPrimaryPicture(bytes, items, maxPixels);
    if (picture.coded.every(({ type }) => type === AV1)) return await readAvif(withAvifBrand(bytes), maxPixels);
    const streams = picture.coded.map((item) => readCoded(bytes, item));
    for (const item of picture.alpha) readCoded(bytes, item);
    const isGrey = streams.every(({ monochrome }) => monochrome);
    const range = isGrey ? rangeOf(picture.colour) : 'full';
    const tiff = await decode(bytes, picture, range);
    return { bytes: tiff, readAs: 'tiff', release: () => tiff.buffer.resize(0) };
  } catch (error) {
    if (error instanceof BoxError) throw damaged('heic', error);
    throw error;
  }
}

/**
 * Looks through the data of an item.
 * @throws {BoxError} when it is not what the boxes say
 */
function readCoded(bytes: Uint8Array, item: CodedItem): HevcPicture {
  if (item.type !== HEVC) {
    throw unsupported('heic', `coded as ${OTHER_CODECS[item.type] ?? JSON.stringify(item.type)}`);
  }
  const config = propertyOf(item, 'hvcC');
  if (config === undefined) throw new BoxError('a coded picture has no parameters (hvcC)');
  const picture = readHevcPicture(bytes, config, dataOf(bytes, item));
  const { width, height } = item.size;
  if (picture.width > width + BLOCK || picture.height > height + BLOCK) {
    throw new BoxError(
      `its coded data has ${picture.width} x ${picture.height} pixels, but the file says ${width} x ${height}`,
    );
  }
  return picture;
}

/** Where the file says nothing, the bitstream is asked. */
function rangeOf({ nclx }: Colour): HeicRequest['range'] {
  if (nclx === undefined) return 'of-bitstream';
  return nclx.fullRange ? 'full' : 'limited';
}

async function decode(
  file: Uint8Array,
  { colour, alpha }: PrimaryPicture,
  range: HeicRequest['range'],
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await askHeicThread({ file, alpha: alpha.length > 0, range, profile: profileOf(colour) });
  switch (answer.kind) {
    case 'decoded':
      return answer.tiff;
    case 'refused':
      throw refusal(answer.code, answer.reason);
    case 'crashed':
      throw damaged('heic', answer.reason);
    case 'missing':
      throw new NativePackageError('libheif-js', answer.reason);
  }
}

function profileOf({ profile, nclx }: Colour): Uint8Array | undefined {
  return profile ?? (nclx && nclxProfile(nclx));
}

/** Turns libheif's error into ours. */
function refusal(code: number, reason: string): ImageError {
  if (code === UNSUPPORTED_FILE || code === UNSUPPORTED_FEATURE) {
    return unsupported('heic', `of a kind that libheif cannot decode (${reason})`);
  }
  if (code === OUT_OF_MEMORY) {
    return new TooManyPixelsError(
      `the heic image needs more memory than can be used for one (${reason}). Make it smaller and try again.`,
    );
  }
  return damaged('heic', reason);
}
