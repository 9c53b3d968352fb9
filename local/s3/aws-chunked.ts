import { Buffer } from 'node:buffer';
import { S3Error } from './errors.ts';

/**
 * Limit of a chunk's size line: hexadecimal digits, then a signature of 64 digits or another
 * extension.
 */
const MAX_LINE_BYTES = 1024;
const MAX_TRAILERS = 16;
const SIZE_LINE = /^([0-9a-f]{1,10})(?:;[\x20-\x7e]*)?$/i;
const LINE_END = Buffer.from('\r\n');

/**
 * Removes S3's own framing (`Content-Encoding: aws-chunked`) from a body. The framing is
 * `SIZE[;chunk-signature=…]\r\n BYTES \r\n` for each chunk, then a chunk of size 0, trailers and an
 * empty line. Signatures are not checked, because there is no secret to check them with.
 *
 * @param onTrailer called for each trailer, with its name in lower case
 * @throws S3Error InvalidRequest, IncompleteBody
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  try {
    for (let size = readSize(await reader.line()); size > 0; size = readSize(await reader.line())) {
      yield* reader.bytes(size);
      if ((await reader.line()) !== '') {
        throw new S3Error('InvalidRequest', 'A chunk of the aws-chunked body is longer than the size it declares.');
      }
    }
    await readTrailers(reader, onTrailer);
  } finally {
    await reader.close();
  }
}

function readSize(line: string): number {
  const [, digits] = SIZE_LINE.exec(line) ?? [];
  if (digits === undefined) {
    throw new S3Error('InvalidRequest', 'A chunk of the aws-chunked body does not start with its size.');
  }
  return Number.parseInt(digits, 16);
}

async function readTrailers(reader: ByteReader, onTrailer: (name: string, value: string) => void): Promise<void> {
  for (let count = 0; count <= MAX_TRAILERS; count += 1) {
    const line = (await reader.line()).trim();
    if (line === '') {
      if (await reader.hasMore()) throw new S3Error('InvalidRequest', 'Bytes follow the end of the aws-chunked body.');
      return;
    }
    const colon = line.indexOf(':');
    if (colon < 1)
      throw new S3Error(
        'MalformedTrailerError',
        'A trailer of the aws-chunked body does not have the form NAME:VALUE.',
      );
    onTrailer(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  throw new S3Error('MalformedTrailerError', `The aws-chunked body has more than ${MAX_TRAILERS} trailers.`);
}

/** Reads a stream of byte runs line by line, or a given number of bytes. */
class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads up to the next line end, and consumes the line end. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_END);
      if (end > MAX_LINE_BYTES || (end < 0 && this.#rest.byteLength > MAX_LINE_BYTES)) {
        throw new S3Error(
          'InvalidRequest',
          `A line of the aws-chunked framing is longer than ${MAX_LINE_BYTES} bytes.`,
        );
      }
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + LINE_END.byteLength);
        return line;
      }
      if (!(await this.#fill())) throw incomplete();
    }
  }

  /** Reads exactly this many bytes, in runs as they arrive. */
  async *bytes(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (this.#rest.byteLength === 0 && !(await this.#fill())) throw incomplete();
      const run = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(run.byteLength);
      left -= run.byteLength;
      yield run;
    }
  }

  async hasMore(): Promise<boolean> {
    return this.#rest.byteLength > 0 || (await this.#fill());
  }

  /** Closes the source, wherever in it the reading stopped. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /**
   * Adds the next run that is not empty.
   * @returns false at the end of the source
   */
  async #fill(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return false;
      if (value.byteLength > 0) {
        const run = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        this.#rest = this.#rest.byteLength === 0 ? run : Buffer.concat([this.#rest, run]);
        return true;
      }
    }
  }
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody', 'The aws-chunked body ends before its last chunk.');
}
