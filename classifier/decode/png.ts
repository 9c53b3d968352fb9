import { unsupported } from './refusals.ts';

/** The signature's 8 bytes, then the length of the first chunk. */
const FIRST_CHUNK_NAME = 12;

/**
 * Refuses Apple's own variant of PNG, which Xcode makes of the pictures in an iPhone app: its first
 * chunk is CgBI, and its data has no zlib header.
 * @throws {UnsupportedFormatError}
 */
export function checkPng(bytes: Uint8Array): void {
  const name = Buffer.from(bytes.subarray(FIRST_CHUNK_NAME, FIRST_CHUNK_NAME + 4)).toString('latin1');
  if (name === 'CgBI') throw unsupported('png', 'optimized for iPhone apps (CgBI)', 'an ordinary PNG or JPEG');
}
