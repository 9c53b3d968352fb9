import { brotliDecompressSync, gunzipSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { MalformedBodyError, UnsupportedContentEncodingError } from './errors.ts';
import type { ApiRequest } from './request.ts';

type Decompress = (bytes: Buffer, options: Pick<ZlibOptions, 'maxOutputLength'>) => Buffer;

/** The supported values of Content-Encoding (RFC 9110, 8.4.1). */
const DECOMPRESS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
]);

/** `x-gzip` is an old name of `gzip`, which nobody needs to learn. */
const ACCEPTED = [...DECOMPRESS.keys()].filter((name) => !name.startsWith('x-'));

/** Node's code for more output than `maxOutputLength`. */
const OUTPUT_TOO_LARGE = 'ERR_BUFFER_TOO_LARGE';

/**
 * Reads a body, and decompresses it if it has a Content-Encoding. It stops at `maxBytes`, so a
 * small body cannot become a large one.
 * @param maxBytes limit for the body before and after it is decompressed
 * @param tooLarge makes the error for a larger body of the words about its size: "has 20000 bytes,
 *   more than"
 * @throws {UnsupportedContentEncodingError} {@link MalformedBodyError}
 */
export function readBody(
  { headers, contentType, body }: Pick<ApiRequest, 'headers' | 'contentType' | 'body'>,
  maxBytes: number,
  tooLarge: (size: string) => Error,
): Buffer {
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  const decompress = DECOMPRESS.get(encoding);
  if (decompress === undefined && encoding !== 'identity') {
    throw new UnsupportedContentEncodingError(encoding.slice(0, 80), ACCEPTED);
  }
  if (body.size > maxBytes) throw tooLarge(`has ${body.size} bytes, more than`);
  if (decompress === undefined) return body.bytes();
  if (body.isText && body.size > 0) {
    throw new MalformedBodyError(
      `a ${encoding} body of the type ${contentType ?? 'text'} arrives as text, which damages it: send it without Content-Encoding`,
    );
  }
  const bytes = body.bytes();
  try {
    return decompress(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === OUTPUT_TOO_LARGE) {
      throw tooLarge('is decompressed to more than');
    }
    throw new MalformedBodyError(
      `the body cannot be decompressed, although Content-Encoding is ${encoding}: compress it again, or send it without this header`,
      cause,
    );
  }
}
