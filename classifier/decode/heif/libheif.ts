import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { NativePackageError } from '../../errors.ts';

const require = createRequire(import.meta.url);

/**
 * The functions of libheif's C interface that are used here, as Emscripten exports them. A pointer
 * is an offset in `HEAPU8`. A function that returns a structure in C takes the address where to put
 * it as its first argument. `HEAPU8` is another array whenever the memory has grown.
 */
export interface LibHeif {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _heif_context_alloc(): number;
  _heif_context_free(context: number): void;
  _heif_context_get_security_limits(context: number): number;
  _heif_context_read_from_memory_without_copy(
    error: number,
    context: number,
    bytes: number,
    length: number,
    options: number,
  ): void;
  _heif_context_get_primary_image_handle(error: number, context: number, handle: number): void;
  _heif_image_handle_release(handle: number): void;
  _heif_image_handle_is_premultiplied_alpha(handle: number): number;
  _heif_decoding_options_alloc(): number;
  _heif_decoding_options_free(options: number): void;
  _heif_decode_image(
    error: number,
    handle: number,
    image: number,
    colorspace: number,
    chroma: number,
    options: number,
  ): void;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number;
  _heif_image_get_nclx_color_profile(error: number, image: number, profile: number): void;
  _heif_nclx_color_profile_free(profile: number): void;
  _heif_image_release(image: number): void;
}

type Factory = (options: {
  readonly wasmBinary: Uint8Array;
  print(text: string): void;
  printErr(text: string): void;
}) => LibHeif;

/**
 * Starts libheif. Its memory grows with the pictures that it decodes, to 2 GB at most, and never
 * shrinks; the thread that it runs in has to end for that.
 * @throws {NativePackageError} when libheif-js is not installed
 */
export function startLibHeif(): LibHeif {
  try {
    const factory: Factory = require('libheif-js/libheif-wasm/libheif.js');
    return factory({
      wasmBinary: readFileSync(require.resolve('libheif-js/libheif-wasm/libheif.wasm')),
      // The library's messages repeat what its errors say.
      print: () => undefined,
      printErr: () => undefined,
    });
  } catch (cause) {
    throw new NativePackageError('libheif-js', cause);
  }
}
