export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'heic';

/**
 * An image that is ready for a model: `pixels` is uint8 [224, 224, 3] (height, width, RGB). The
 * other fields describe the original.
 */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  /** Width of the original after EXIF orientation, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat;
  /** Size of the encoded original, in bytes. */
  readonly bytes: number;
}
