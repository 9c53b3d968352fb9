import type { Size } from './fit.ts';
import type { ImageFormat } from './image.ts';

/** What sharp is given to read: a file of one of its formats, or decoded pixels. */
export interface Source {
  readonly bytes: Uint8Array;
  /**
   * Present where `bytes` are pixels: sRGB, uint8 [height, width, 3], upright. Absent for a file.
   */
  readonly pixels?: Size;
  /** The format of `bytes`, where they are another file than the one that was given. */
  readonly readAs?: ImageFormat;
  /** Whether a mere warning of libvips means damage. Default false. */
  readonly isStrict?: boolean;
  /** Finds out why the file cannot be read, where libvips does not tell. */
  readonly faultOf?: () => string | undefined;
  /** Gives the memory of `bytes` back at once, where it may be large. */
  readonly release?: () => void;
}
