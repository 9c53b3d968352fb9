/** What the HEIC thread is asked: to decode the primary picture of a checked file. */
export interface HeicRequest {
  readonly file: Uint8Array;
  readonly alpha: boolean;
  /**
   * How brightness is coded where there is brightness only: from 0 to 255 (`full`), from 16 to 235
   * (`limited`), or as the bitstream says. libheif takes all of it for `full`. Pictures in colour
   * are always `full`, because libheif expands them itself.
   */
  readonly range: 'full' | 'limited' | 'of-bitstream';
  /** ICC profile of the picture; undefined means sRGB. */
  readonly profile: Uint8Array | undefined;
}

/** What the HEIC thread answers. After `crashed` it must not be asked again. */
export type HeicAnswer =
  | { readonly kind: 'decoded'; readonly tiff: Uint8Array<ArrayBuffer>; readonly memoryBytes: number }
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string }
  | { readonly kind: 'crashed'; readonly reason: string }
  | { readonly kind: 'missing'; readonly reason: string };
