import type { Readable, Writable } from 'node:stream';

const NEWLINE = 0x0a;

/**
 * Writes what comes out of a child process, whole lines at a time. If the processes wrote to the
 * same pipe themselves, lines of more than 4096 bytes could end up inside each other: pipe(7).
 */
export function forwardLines(from: Readable, to: Writable): void {
  let begun: Buffer[] = [];
  from.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      to.write(Buffer.concat([...begun, chunk.subarray(0, end)]));
      begun = [];
    }
    if (end < chunk.length) begun.push(chunk.subarray(end));
  });
  from.on('end', () => {
    if (begun.length > 0) to.write(Buffer.concat([...begun, Buffer.of(NEWLINE)]));
  });
}
