import { crc32 } from 'node:zlib';
import { unsupported } from './refusals.ts';

const SIGNATURE_BYTES = 8;
/** Length, name and checksum. */
const CHUNK_EXTRA_BYTES = 12;
const CHUNK_NAME_BYTES = 4;

interface Chunk {
  readonly name: string;
  readonly at: number;
  /** Where the next chunk begins, which may be behind the end of the file. */
  readonly end: number;
}

/**
 * Refuses Apple's own variant of PNG, which Xcode makes of the pictures in an iPhone app: its first
 * chunk is CgBI, and its data has no zlib header.
 * @throws {UnsupportedFormatError}
 */
export function checkPng(bytes: Uint8Array): void {
  const [first] = chunksOf(bytes);
  if (first?.name === 'CgBI') throw unsupported('png', 'optimized for iPhone apps (CgBI)', 'an ordinary PNG or JPEG');
}

/** Finds out why a PNG cannot be read; libpng tells only that it cannot. */
export function pngFault(bytes: Uint8Array): string | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let last = 'the signature';
  for (const { name, at, end } of chunksOf(bytes)) {
    if (end > file.length) return `premature end in chunk ${name}`;
    const data = file.subarray(at + 4, end - 4);
    if (crc32(data) !== file.readUInt32BE(end - 4)) return `wrong checksum in chunk ${name}`;
    if (name === 'IEND') return undefined;
    last = `chunk ${name}`;
  }
  return `premature end after ${last}`;
}

/** Walks through the chunks until the file ends. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE_BYTES; at + 2 * CHUNK_NAME_BYTES <= file.length; ) {
    const end = at + CHUNK_EXTRA_BYTES + file.readUInt32BE(at);
    yield { name: file.toString('latin1', at + 4, at + 8).replace(/[^A-Za-z]/g, '?'), at, end };
    at = end;
  }
}
