const BRAND_OFFSET = 8;
const PICTURE_BRAND = 'avif';

/**
 * Returns a copy of a HEIF file whose own brand is that of an AVIF picture. libvips goes by this
 * brand: it refuses that of a sequence, and takes others for HEIC.
 */
export function withAvifBrand(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.write(PICTURE_BRAND, BRAND_OFFSET, 'latin1');
  return copy;
}

/** Reads a file's own brand, such as `avif`, `avis` or `mif1`. */
export function brandOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(BRAND_OFFSET, BRAND_OFFSET + 4)).toString('latin1');
}
