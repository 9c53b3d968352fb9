import { Buffer } from 'node:buffer';
import { S3Error } from './errors.ts';

/** Headers of an upload that are stored and returned unchanged. */
const KEPT = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'] as const;
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';
const META = 'x-amz-meta-';
/** S3's limit for all user metadata together: names (without the prefix) and values. */
const MAX_METADATA_BYTES = 2048;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that a header must not hold
const UNFIT_FOR_HEADER = /[\x00-\x08\x0a-\x1f\x7f\u0100-\uffff]/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Headers that would change what is stored or how it is read. They are refused, because silently
 * ignoring them would break a promise.
 */
const UNSUPPORTED = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-object-lock-mode',
  'x-amz-write-offset-bytes',
];

/**
 * Picks the headers of an upload that are stored: content type, content encoding without
 * aws-chunked, the other content headers, and user metadata.
 *
 * @throws S3Error MetadataTooLarge, InvalidArgument (not allowed in a header), NotImplemented
 */
export function readDescription(headers: ReadonlyMap<string, string>): Record<string, string> {
  for (const name of UNSUPPORTED) {
    if (headers.has(name))
      throw new S3Error(
        'NotImplemented',
        `A header you provided implies functionality that is not implemented: ${name}`,
      );
  }
  const kept: Record<string, string> = { 'content-type': headers.get('content-type') || DEFAULT_CONTENT_TYPE };
  for (const name of KEPT) {
    const value = name === 'content-encoding' ? withoutAwsChunked(headers.get(name)) : headers.get(name);
    if (value) kept[name] = value;
  }
  let metadataBytes = 0;
  for (const [name, value] of headers) {
    if (!name.startsWith(META) || name === META) continue;
    metadataBytes += Buffer.byteLength(name) - META.length + Buffer.byteLength(value, 'latin1');
    kept[name] = value;
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      `Your metadata headers exceed the maximum allowed metadata size of ${MAX_METADATA_BYTES} bytes.`,
    );
  }
  for (const [name, value] of Object.entries(kept)) checkHeader(name, value);
  return kept;
}

/** @throws S3Error InvalidArgument when HTTP cannot send this header */
export function checkHeader(name: string, value: string): void {
  if (!HEADER_NAME.test(name) || UNFIT_FOR_HEADER.test(value)) {
    throw new S3Error(
      'InvalidArgument',
      `${name.slice(0, 100)}: this name or its value cannot be sent in an HTTP header.`,
    );
  }
}

function withoutAwsChunked(encoding: string | undefined): string | undefined {
  return encoding
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one.toLowerCase() !== 'aws-chunked')
    .join(',');
}
