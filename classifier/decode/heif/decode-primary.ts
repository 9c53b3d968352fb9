import type { Size } from '../fit.ts';
import { MAX_BOXES } from './box-reader.ts';
import type { HeicRequest } from './heic-protocol.ts';
import type { LibHeif } from './libheif.ts';

/** Decoded pixels: uint8 [height, width, 3 or 4], RGB or RGBA, upright, rows without gaps. */
export interface Pixels extends Size {
  readonly channels: 3 | 4;
  /** Whether the colours are already multiplied by the transparency. */
  readonly premultiplied: boolean;
  /** Whether the numbers run from 16 to 235 and are to be spread to 0 to 255. */
  readonly limitedRange: boolean;
  /** Calls back with one row after the other, each a view that is valid only during the call. */
  readonly forEachRow: (use: (row: Uint8Array, y: number) => void) => void;
}

/** libheif refused or gave up; `code` is one of its `heif_error_code`. */
export class LibHeifError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** `heif_error_code` of libheif/heif_error.h. */
export const UNSUPPORTED_FILE = 3;
export const UNSUPPORTED_FEATURE = 4;
export const OUT_OF_MEMORY = 6;

// The values of heif_colorspace, heif_chroma and heif_channel in libheif/heif_image.h.
const COLORSPACE_RGB = 1;
const CHROMA_RGB = 10;
const CHROMA_RGBA = 11;
const CHANNEL_INTERLEAVED = 10;
/** Both heif_colorspace_undefined and heif_chroma_undefined. */
const AS_CODED = 99;

/** Sizes in bytes on 32-bit WebAssembly. */
const POINTER_BYTES = 4;
/** `heif_error`: a code, a second code, and the address of a text. */
const ERROR_BYTES = 12;
const ERROR_TEXT = 8;
const MAX_ERROR_TEXT_BYTES = 1000;
/** Offset of `strict_decoding` in `heif_decoding_options` (libheif/heif_decoding.h). */
const STRICT_DECODING = 21;
/**
 * Offset of `max_children_per_box` in `heif_security_limits` (libheif/heif_security.h). libheif
 * allows 100, which a grid has more of where each tile has properties of its own.
 */
const MAX_CHILDREN_PER_BOX = 60;
/** Offset of `full_range_flag` in `heif_color_profile_nclx` (libheif/heif_color.h). */
const FULL_RANGE_FLAG = 16;

/**
 * Decodes the primary picture of a HEIC file to 8-bit RGB, or RGBA if `alpha` is true: cropped,
 * rotated and mirrored as its boxes say, grids put together, 10 bits reduced to 8. The numbers stay
 * in the picture's own colour space.
 * @param use takes what it needs from the pixels, whose memory is reused afterwards
 * @throws {LibHeifError} when libheif refuses the file
 * @throws {unknown} when libheif crashes; it must not be used again then
 */
export function decodePrimary<Result>(
  library: LibHeif,
  request: Omit<HeicRequest, 'profile'>,
  use: (pixels: Pixels) => Result,
): Result {
  const memory = new Memory(library);
  try {
    const result = decode(library, memory, request, use);
    memory.releaseAll();
    return result;
  } catch (error) {
    // After a crash nothing can be released.
    if (error instanceof LibHeifError) memory.releaseAll();
    throw error;
  }
}

function decode<Result>(
  library: LibHeif,
  memory: Memory,
  request: Omit<HeicRequest, 'profile'>,
  use: (pixels: Pixels) => Result,
): Result {
  const { file, alpha, range } = request;
  const [error, pointer, bytes] = [memory.alloc(ERROR_BYTES), memory.alloc(POINTER_BYTES), memory.alloc(file.length)];
  library.HEAPU8.set(file, bytes);
  const check = () => memory.throwError(error);

  const context = memory.own(library._heif_context_alloc(), library._heif_context_free);
  const limits = library._heif_context_get_security_limits(context);
  new DataView(library.HEAPU8.buffer).setUint32(limits + MAX_CHILDREN_PER_BOX, MAX_BOXES, true);
  library._heif_context_read_from_memory_without_copy(error, context, bytes, file.length, 0);
  check();
  library._heif_context_get_primary_image_handle(error, context, pointer);
  check();
  const handle = memory.own(memory.uint(pointer), library._heif_image_handle_release);
  const options = memory.own(library._heif_decoding_options_alloc(), library._heif_decoding_options_free);
  library.HEAPU8[options + STRICT_DECODING] = 1;
  library._heif_decode_image(error, handle, pointer, COLORSPACE_RGB, alpha ? CHROMA_RGBA : CHROMA_RGB, options);
  check();
  const image = memory.own(memory.uint(pointer), library._heif_image_release);
  const limitedRange = range === 'limited' || (range === 'of-bitstream' && isLimited(library, memory, handle));
  return use({
    ...readPixels(library, memory, image, pointer, alpha ? 4 : 3),
    premultiplied: alpha && library._heif_image_handle_is_premultiplied_alpha(handle) !== 0,
    limitedRange,
  });
}

/**
 * Tells whether the bitstream of a picture says that its brightness is in limited range. Only the
 * picture as it was coded knows that, so it is decoded once more; such pictures are rare.
 */
function isLimited(library: LibHeif, memory: Memory, handle: number): boolean {
  const [error, pointer] = [memory.alloc(ERROR_BYTES), memory.alloc(POINTER_BYTES)];
  library._heif_decode_image(error, handle, pointer, AS_CODED, AS_CODED, 0);
  memory.throwError(error);
  const image = memory.own(memory.uint(pointer), library._heif_image_release);
  library._heif_image_get_nclx_color_profile(error, image, pointer);
  // An error means that the bitstream says nothing.
  if (memory.uint(error) !== 0) return false;
  const colours = memory.own(memory.uint(pointer), library._heif_nclx_color_profile_free);
  return library.HEAPU8[colours + FULL_RANGE_FLAG] === 0;
}

function readPixels(library: LibHeif, memory: Memory, image: number, pointer: number, channels: 3 | 4) {
  const width = library._heif_image_get_width(image, CHANNEL_INTERLEAVED);
  const height = library._heif_image_get_height(image, CHANNEL_INTERLEAVED);
  const plane = library._heif_image_get_plane_readonly(image, CHANNEL_INTERLEAVED, pointer);
  const stride = memory.uint(pointer);
  const forEachRow: Pixels['forEachRow'] = (use) => {
    for (let y = 0; y < height; y += 1) {
      const start = plane + y * stride;
      use(library.HEAPU8.subarray(start, start + width * channels), y);
    }
  };
  return { width, height, channels, forEachRow };
}

/** What is held in the library's memory for one picture. */
class Memory {
  readonly #library: LibHeif;
  readonly #held: { readonly pointer: number; readonly release: (pointer: number) => void }[] = [];

  constructor(library: LibHeif) {
    this.#library = library;
  }

  alloc(bytes: number): number {
    return this.own(this.#library._malloc(bytes), this.#library._free);
  }

  /** Remembers how to release something. */
  own(pointer: number, release: (pointer: number) => void): number {
    if (pointer === 0) throw new LibHeifError(OUT_OF_MEMORY, 'there is no memory left');
    this.#held.push({ pointer, release });
    return pointer;
  }

  /** Releases everything, the last first. */
  releaseAll(): void {
    for (const { pointer, release } of this.#held.splice(0).reverse()) release(pointer);
  }

  uint(pointer: number): number {
    const { buffer } = this.#library.HEAPU8;
    return new DataView(buffer).getUint32(pointer, true);
  }

  /** Throws what a call has put into a `heif_error`, unless it is code 0, success. */
  throwError(pointer: number): void {
    const code = this.uint(pointer);
    if (code === 0) return;
    const start = this.uint(pointer + ERROR_TEXT);
    const text = this.#library.HEAPU8.subarray(start, start + MAX_ERROR_TEXT_BYTES);
    throw new LibHeifError(code, Buffer.from(text.subarray(0, text.indexOf(0))).toString('utf8'));
  }
}
