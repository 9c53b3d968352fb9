import { checkRead, readConditions } from '../conditions.ts';
import { checkHeader } from '../description.ts';
import { checksumType } from '../digests.ts';
import { S3Error } from '../errors.ts';
import type { S3Request } from '../request.ts';
import type { S3Response } from '../response.ts';
import type { Bucket } from '../store/bucket.ts';
import type { ByteRange } from '../store/data-files.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import { quote, type S3Call, target, versionHeader } from './call.ts';

/** Query parameters that replace a header of the answer. */
export const OVERRIDES = [
  'response-content-type',
  'response-content-language',
  'response-expires',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
] as const;

/** Answers GetObject, and HeadObject, which is the same without the bytes. */
export function getObject(call: S3Call): S3Response {
  const { request } = call;
  const { bucket, key } = target(call);
  const version = bucket.find(key, request.query.get('versionId') ?? undefined);
  const headers = describe(bucket, version);
  if (checkRead(readConditions(request.headers), version) === 'not-modified') return { status: 304, headers };

  const range = readRange(request, version);
  const whole = { first: 0, last: version.size - 1 };
  const { first, last } = range ?? whole;
  const answer = {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      ...version.headers,
      ...overrides(request.query),
      ...(range === undefined
        ? checksums(request, version)
        : { 'content-range': `bytes ${first}-${last}/${version.size}` }),
      'content-length': String(last - first + 1),
    },
  };
  if (request.method === 'HEAD') return answer;
  return { ...answer, body: bucket.data.read(version.segments, { first, last }) };
}

/**
 * Parses `bytes=A-B`, `bytes=A-` or `bytes=-N`. Returns undefined for any other text; all bytes are
 * then sent.
 * @throws S3Error InvalidRange
 */
export function parseRange(text: string | undefined, size: number): ByteRange | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text?.trim() ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first <= last) return { first, last };
  throw new S3Error('InvalidRange', 'The requested range is not satisfiable', { 'content-range': `bytes */${size}` });
}

function readRange({ headers }: S3Request, version: ObjectVersion): ByteRange | undefined {
  const condition = headers.get('if-range');
  if (condition !== undefined && condition !== quote(version.eTag)) return undefined;
  return parseRange(headers.get('range'), version.size);
}

function describe(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return {
    etag: quote(version.eTag),
    'last-modified': new Date(version.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    ...versionHeader(bucket, version),
    ...(version.tags.length > 0 && { 'x-amz-tagging-count': String(version.tags.length) }),
  };
}

function checksums(request: S3Request, version: ObjectVersion): Record<string, string> {
  if (request.headers.get('x-amz-checksum-mode')?.toUpperCase() !== 'ENABLED') return {};
  if (Object.keys(version.checksums).length === 0) return {};
  return { ...version.checksums, 'x-amz-checksum-type': checksumType(version.checksums) };
}

function overrides(query: URLSearchParams): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = query.get(name);
    if (value === null) continue;
    checkHeader(name, value);
    headers[name.replace('response-', '')] = value;
  }
  return headers;
}
