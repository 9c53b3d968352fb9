import { NotAnImageError, UnsupportedFormatError } from '../errors.ts';
import type { ImageFormat } from './image.ts';

/** The supported formats, as an error message names them. */
export const SUPPORTED_FORMATS = 'JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC';
const FORMATS_WITHOUT_HEIC = 'JPEG, PNG, WebP, GIF, TIFF or AVIF';

interface Signature {
  readonly offset: number;
  /** Latin-1: one character per byte. */
  readonly bytes: string;
}

const SUPPORTED: readonly (readonly [ImageFormat, ...Signature[]])[] = [
  ['jpeg', at(0, '\xff\xd8\xff')],
  ['png', at(0, '\x89PNG\r\n\x1a\n')],
  ['gif', at(0, 'GIF87a')],
  ['gif', at(0, 'GIF89a')],
  ['webp', at(0, 'RIFF'), at(8, 'WEBP')],
  ['tiff', at(0, 'II*\0')],
  ['tiff', at(0, 'MM\0*')],
  ['tiff', at(0, 'II+\0')],
  ['tiff', at(0, 'MM\0+')],
];

/**
 * Formats that are recognised only so that the error can name them. They are looked up first. ISO
 * media files and text are recognised further down.
 */
const UNSUPPORTED: readonly (readonly [string, ...Signature[]])[] = [
  ['PDF', at(0, '%PDF-')],
  // A text may also start with BM. Four reserved bytes are zero, or else the usual headers follow.
  ['BMP', at(0, 'BM'), at(6, '\0\0\0\0')],
  ['BMP', at(0, 'BM'), at(14, '\x28\0\0\0')],
  ['BMP', at(0, 'BM'), at(14, '\x6c\0\0\0')],
  ['BMP', at(0, 'BM'), at(14, '\x7c\0\0\0')],
  ['JPEG XL', at(0, '\xff\x0a')],
  ['JPEG XL', at(0, '\0\0\0\x0cJXL ')],
  ['JPEG 2000', at(0, '\0\0\0\x0cjP  ')],
  ['JPEG 2000', at(0, '\xff\x4f\xff\x51')],
  ['ICO', at(0, '\0\0\x01\0')],
  ['Photoshop (PSD)', at(0, '8BPS')],
  // Everything but this mark is the same as in a TIFF.
  ['Canon RAW', at(0, 'II*\0'), at(8, 'CR\x02\0')],
  ['Fujifilm RAW', at(0, 'FUJIFILMCCD-RAW')],
  ['Olympus RAW', at(0, 'IIRO')],
  ['Olympus RAW', at(0, 'IIRS')],
  ['Panasonic RAW', at(0, 'IIU\0')],
  ['OpenEXR', at(0, 'v/1\x01')],
  ['Radiance HDR', at(0, '#?RADIANCE')],
  ['Matroska or WebM video', at(0, '\x1a\x45\xdf\xa3')],
  ['AVI video', at(0, 'RIFF'), at(8, 'AVI ')],
  ['MPEG video', at(0, '\0\0\x01\xba')],
];

/**
 * Brands in the first box of an ISO media file (ISO/IEC 23008-12 and the AVIF specification), four
 * characters each.
 */
const AVIF_BRANDS = new Set(['avif', 'avis']);
const HEIC_BRANDS = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1']);
const CANON_RAW_BRAND = 'crx ';
const MAX_BRANDS = 64;

/** Enough for every signature and for the list of brands in an AVIF file. */
export const SIGNATURE_BYTES = 512;

/** How many leading bytes the error shows. */
const SHOWN_BYTES = 8;

/**
 * Comments and a document type may stand before an SVG's first tag; it is searched for this far.
 */
const SVG_SEARCH_BYTES = 4096;
/** The byte order marks of UTF-8 and UTF-16, read as Latin-1. */
const BYTE_ORDER_MARKS = /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/;

/**
 * Detects an image's format from its leading bytes. File names and media types are not used.
 * @param heic whether HEIC is supported
 * @throws {UnsupportedFormatError} for another kind of image or document, naming it
 * @throws {NotAnImageError} for anything else
 */
export function detectFormat(bytes: Uint8Array, { heic = true } = {}): ImageFormat {
  const unsupported = lookUp(UNSUPPORTED, bytes) ?? unsupportedMedia(bytes) ?? textKind(bytes);
  if (unsupported) {
    throw new UnsupportedFormatError(
      `unsupported file type: ${unsupported}. Convert the file to ${SUPPORTED_FORMATS}.`,
    );
  }
  const supported = lookUp(SUPPORTED, bytes) ?? heifFormat(bytes);
  if (supported === 'heic' && !heic) {
    throw new UnsupportedFormatError(
      `HEIC is switched off here (AUTOSWIFTNET_HEIC=0, or the option heic). Convert the file to ${FORMATS_WITHOUT_HEIC}.`,
    );
  }
  if (supported) return supported;
  throw new NotAnImageError(`${whatElse(bytes)}. Use a ${SUPPORTED_FORMATS} file.`);
}

/** Says what a file is that is no image, above all what a server sent in place of one. */
function whatElse(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'the file is empty';
  const text = textOf(bytes);
  if (/^<(!doctype html|html|head|body)\b/i.test(text)) {
    return 'the file is a web page (HTML), perhaps one that a server sent instead of the image';
  }
  if (text.startsWith('<?xml')) {
    return 'the file is an XML document, perhaps an error that a server sent instead of the image';
  }
  return `unsupported file type; the file starts with ${leadingHex(bytes)}`;
}

function lookUp<Kind>(table: readonly (readonly [Kind, ...Signature[]])[], bytes: Uint8Array): Kind | undefined {
  return table.find(([, ...signatures]) => signatures.every((signature) => has(bytes, signature)))?.[0];
}

/**
 * Returns the brands of an ISO media file, its own first, then the compatible ones. For any other
 * file the list is empty.
 */
function brandsOf(bytes: Uint8Array): string[] {
  if (!has(bytes, at(4, 'ftyp'))) return [];
  const size = Math.min(Buffer.from(bytes.subarray(0, 4)).readUInt32BE(0), bytes.length, 16 + 4 * MAX_BRANDS);
  const brands = [latin1(bytes, 8, 12)];
  for (let place = 16; place + 4 <= size; place += 4) brands.push(latin1(bytes, place, place + 4));
  return brands;
}

/** The first bytes as hex digits, one pair per byte: `23 20 41`. */
function leadingHex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Tells AVIF from HEIC by the brands. Both also have brands that only say that they are HEIF. */
function heifFormat(bytes: Uint8Array): ImageFormat | undefined {
  const brands = brandsOf(bytes);
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return 'avif';
  return brands.some((brand) => HEIC_BRANDS.has(brand)) ? 'heic' : undefined;
}

function unsupportedMedia(bytes: Uint8Array): string | undefined {
  const brands = brandsOf(bytes);
  if (brands.length === 0 || heifFormat(bytes)) return undefined;
  return brands.includes(CANON_RAW_BRAND) ? 'Canon RAW' : 'a video (MP4, QuickTime)';
}

/**
 * Recognises an SVG, also after a declaration, comments or a document type. A web page that
 * contains an SVG is not an image.
 */
function textKind(bytes: Uint8Array): string | undefined {
  const text = textOf(bytes);
  const tag = text.search(/<svg[\s>]/i);
  return text.startsWith('<') && tag >= 0 && !/<(html|head|body)|<!doctype html/i.test(text.slice(0, tag))
    ? 'SVG'
    : undefined;
}

/** The beginning, as text. UTF-16 loses the zeros between its letters. */
function textOf(bytes: Uint8Array): string {
  return latin1(bytes, 0, SVG_SEARCH_BYTES).replace(BYTE_ORDER_MARKS, '').replaceAll('\0', '').trimStart();
}

function at(offset: number, bytes: string): Signature {
  return { offset, bytes };
}

function has(bytes: Uint8Array, { offset, bytes: expected }: Signature): boolean {
  return latin1(bytes, offset, offset + expected.length) === expected;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    start,
    Math.min(end, bytes.length),
  );
}
