import { loadSharp } from '../load-sharp.ts';

/** libvips' loaders that read the six formats from memory. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`);

/**
 * Restricts this process to decoding: from now on libvips loads only the six formats, only from
 * memory, without a cache and without extra threads. This holds for the whole process and cannot be
 * undone, and nothing can be drawn afterwards. So importing the library never does it.
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export function blockOtherLoaders(): void {
  const library = loadSharp();
  library.block({ operation: ['VipsForeignLoad'] });
  library.unblock({ operation: LOADERS });
  library.cache(false);
  library.concurrency(1);
}
