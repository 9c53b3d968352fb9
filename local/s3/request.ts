import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { MAX_KEY_BYTES } from '../../functions/object-key.ts';
import { S3Error } from './errors.ts';

/**
 * One request as S3 reads it. Addressing is path-style: the first part of the path is the bucket,
 * and the rest is the key.
 */
export interface S3Request {
  readonly method: string;
  /** The path as it was sent, for error documents. */
  readonly resource: string;
  readonly bucket: string | undefined;
  /** May contain any characters: `..`, `//` and a trailing slash have no special meaning here. */
  readonly key: string | undefined;
  readonly query: URLSearchParams;
  /**
   * Headers by lower-case name. For a presigned request they include the `x-amz-*` parameters of
   * the query, as S3 does it.
   */
  readonly headers: ReadonlyMap<string, string>;
  readonly sourceIp: string;
  readonly requestId: string;
  /**
   * Yields the bytes of the body as they arrive. A client that waits for `100 Continue` is told to
   * continue.
   */
  body(): AsyncIterable<Buffer>;
}

/**
 * Reads the target and the headers. The body stays unread.
 *
 * @param onBody called once, just before the body is read
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export function readRequest(incoming: IncomingMessage, requestId: string, onBody: () => void): S3Request {
  const target = incoming.url ?? '';
  if (!target.startsWith('/')) throw new S3Error('InvalidURI', 'The request target is not a path that starts with /.');
  const [path = '', ...rest] = target.split('?');
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const query = new URLSearchParams(rest.join('?'));
  return {
    method: incoming.method ?? '',
    resource: path,
    bucket: bucket === '' ? undefined : decodePath(bucket),
    key: key === '' ? undefined : checkKey(decodePath(key)),
    query,
    headers: readHeaders(incoming, query),
    sourceIp: incoming.socket.remoteAddress ?? '',
    requestId,
    body: () => {
      onBody();
      // The connection must stay open: a request that is refused midway still gets its answer.
      return incoming.iterator({ destroyOnReturn: false });
    },
  };
}

/** @throws S3Error KeyTooLongError, InvalidArgument (empty, or half a surrogate pair) */
export function checkKey(key: string): string {
  const bytes = Buffer.from(key);
  if (bytes.byteLength > MAX_KEY_BYTES) {
    throw new S3Error(
      'KeyTooLongError',
      `Your key is too long: it has ${bytes.byteLength} bytes in UTF-8, and the limit is ${MAX_KEY_BYTES}.`,
    );
  }
  if (key === '' || bytes.toString() !== key)
    throw new S3Error('InvalidArgument', 'The key is empty or not valid UTF-8.');
  return key;
}

/**
 * Reads a whole number within bounds from a query.
 * @throws S3Error InvalidArgument
 */
export function readNumber(
  query: URLSearchParams,
  name: string,
  bounds: { min: number; max: number },
): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= bounds.min && value <= bounds.max)) {
    throw new S3Error('InvalidArgument', `${name} must be a whole number from ${bounds.min} to ${bounds.max}.`);
  }
  return value;
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI: it is not percent-encoded UTF-8.", {}, error);
  }
}

function readHeaders(incoming: IncomingMessage, query: URLSearchParams): Map<string, string> {
  const headers = new Map<string, string>();
  if (query.has('X-Amz-Algorithm') || query.has('AWSAccessKeyId')) {
    for (const [name, value] of query) {
      if (/^x-amz-/i.test(name)) headers.set(name.toLowerCase(), Buffer.from(value).toString('latin1'));
    }
  }
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}
