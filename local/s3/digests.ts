import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * Length in bytes of each checksum that a client may send, by header name. CRC32C and CRC64NVME are
 * stored and returned but not computed: Node has neither, and the product's clients send CRC32.
 */
export const CHECKSUM_BYTES: Readonly<Record<string, number>> = {
  'x-amz-checksum-crc32': 4,
  'x-amz-checksum-crc32c': 4,
  'x-amz-checksum-crc64nvme': 8,
  'x-amz-checksum-sha1': 20,
  'x-amz-checksum-sha256': 32,
};

interface Digest {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/**
 * Creates the digest for a checksum header. Returns undefined for those that are not computed here.
 */
export function createDigest(checksum: string): Digest | undefined {
  if (checksum === 'x-amz-checksum-crc32') return new Crc32();
  if (checksum === 'x-amz-checksum-sha1') return createHash('sha1');
  return checksum === 'x-amz-checksum-sha256' ? createHash('sha256') : undefined;
}

/** Names the checksums as an XML answer does: `x-amz-checksum-crc32` becomes `ChecksumCRC32`. */
export function checksumElements(checksums: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(checksums).map(([name, value]) => [
      `Checksum${name.replace('x-amz-checksum-', '').toUpperCase()}`,
      value,
    ]),
  );
}

/** Tells whether checksums are those of the parts' checksums, or of the bytes. */
export function checksumType(checksums: Readonly<Record<string, string>>): 'COMPOSITE' | 'FULL_OBJECT' {
  return Object.values(checksums).some((value) => value.includes('-')) ? 'COMPOSITE' : 'FULL_OBJECT';
}

/** Tells whether a text is the base64 form of exactly this many bytes. */
export function isBase64Of(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64');
  return decoded.byteLength === bytes && decoded.toString('base64') === text;
}

class Crc32 implements Digest {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}
