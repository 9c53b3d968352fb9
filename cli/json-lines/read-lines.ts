import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { openFile } from '../../models/read-up-to.ts';
import { whyUnreadable } from '../../models/why-unreadable.ts';
import { UnreadableFileError } from '../read-image.ts';
import { InvalidLineError } from './errors.ts';

/** One line of a file, without its line end. */
export interface Line {
  readonly text: string;
  /** 1 is the first. */
  readonly number: number;
}

/** More than an answer with 1,000 predictions and concepts has. A longer line is no answer. */
export const MAX_LINE_BYTES = 4_000_000;

const LINE_FEED = 0x0a;
/** Some Windows programs begin a file with it. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads the lines of a file, a pipe, or standard input (`-`), as arrays: one for each piece that
 * was read. Lines of nothing but white space are left out, and their numbers are counted. It holds
 * one piece and one line in memory.
 * @param onBytes receives how many bytes were read since the last call
 * @throws {UnreadableFileError} when the file cannot be read
 * @throws {InvalidLineError} when a line is too long, or is not UTF-8
 */
export async function* readLines(file: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Line[]> {
  let number = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const take = (bytes: Buffer): Line[] => {
    number += 1;
    if (!isUtf8(bytes)) throw new InvalidLineError(file, number, 'the line is not text in UTF-8');
    const text = number === 1 ? bytes.toString().replace(BYTE_ORDER_MARK, '') : bytes.toString();
    return text.trim() === '' ? [] : [{ text, number }];
  };
  for await (const piece of piecesOf(file)) {
    onBytes(piece.length);
    const lines: Line[] = [];
    let start = 0;
    for (let end = piece.indexOf(LINE_FEED); end !== -1; end = piece.indexOf(LINE_FEED, start)) {
      const part = piece.subarray(start, end);
      lines.push(...take(rest.length === 0 ? part : Buffer.concat([...rest, part])));
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    rest.push(piece.subarray(start));
    restBytes += piece.length - start;
    if (restBytes > MAX_LINE_BYTES) {
      throw new InvalidLineError(file, number + 1, `the line has more than ${MAX_LINE_BYTES} bytes`);
    }
    yield lines;
  }
  if (restBytes > 0) yield take(Buffer.concat(rest));
}

async function* piecesOf(file: string): AsyncGenerator<Buffer> {
  try {
    const stream: Readable = file === '-' ? process.stdin : await openFile(file);
    for await (const piece of stream) yield piece;
  } catch (error) {
    throw new UnreadableFileError(`${file} cannot be read: ${await whyUnreadable(file, error)}`, error);
  }
}
