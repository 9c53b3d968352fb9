import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * Fewer, larger reads are faster: 777 MB take 0.7 s instead of 2.2 s with the default of 64 kB (one
 * EPYC core).
 */
const READ_BYTES = 1024 * 1024;

/** Returns a file's SHA-256 in lower-case hex. It needs the same memory for files of any size. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: READ_BYTES }), hash);
  return hash.digest('hex');
}

/** The same for code that cannot wait, such as the constructs of the CDK. */
export function hashFileSync(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
