import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { checkRead, checkWrite, readConditions } from '../conditions.ts';
import { readDescription } from '../description.ts';
import { S3Error } from '../errors.ts';
import { checkKey } from '../request.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import { type Bucket, shownVersionId } from '../store/bucket.ts';
import type { Description, ObjectVersion } from '../store/object-version.ts';
import { parseTaggingHeader } from '../tagging.ts';
import { quote, type S3Call, target, versionHeader, writeObject } from './call.ts';

/** The object that a copy reads. */
export interface CopySource {
  readonly bucket: Bucket;
  readonly key: string;
  readonly version: ObjectVersion;
  /** Headers that say which version it was. */
  readonly headers: Record<string, string>;
}

export async function copyObject(call: S3Call): Promise<S3Response> {
  const { bucket, key } = target(call);
  const { headers } = call.request;
  const source = findSource(call);
  const replacesHeaders = readDirective(headers, 'x-amz-metadata-directive');
  const replacesTags = readDirective(headers, 'x-amz-tagging-directive');
  if (
    source.bucket === bucket &&
    source.key === key &&
    !replacesHeaders &&
    source.version.versionId === bucket.versions(key)[0]?.versionId
  ) {
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
    );
  }
  const description: Description = {
    headers: replacesHeaders ? readDescription(headers) : source.version.headers,
    tags: replacesTags ? parseTaggingHeader(headers.get('x-amz-tagging')) : source.version.tags,
  };
  const { size, segments } = source.version;
  const stream = source.bucket.data.read(segments, { first: 0, last: size - 1 });
  const copy = hashing(stream);
  try {
    const version = await writeObject(call, {
      bucket,
      key,
      bytes: copy.bytes,
      describe: () => ({ size, eTag: copy.md5(), checksums: wholeChecksums(source.version), ...description }),
      eventName: 'ObjectCreated:Copy',
      check: (current) => checkWrite(readConditions(headers), current),
    });
    const result = { LastModified: new Date(version.lastModified).toISOString(), ETag: quote(version.eTag) };
    return xmlResponse('CopyObjectResult', result, { ...source.headers, ...versionHeader(bucket, version) });
  } finally {
    stream.destroy();
  }
}

/**
 * Finds the object that `x-amz-copy-source` names and checks its conditions. The header is
 * `[/]BUCKET/KEY[?versionId=ID]`, form-encoded: the slashes may be encoded too, and a `+` is a
 * space.
 */
export function findSource({ request, store }: S3Call): CopySource {
  const [path = '', versionId] = (request.headers.get('x-amz-copy-source') ?? '').split(/\?versionId=/, 2);
  const [, bucketName, key] = /^\/?([^/]+)\/(.+)$/s.exec(decode(path)) ?? [];
  if (bucketName === undefined || key === undefined) {
    throw new S3Error('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
  const bucket = store.bucket(bucketName);
  const version = bucket.find(checkKey(key), versionId);
  if (checkRead(readConditions(request.headers, 'x-amz-copy-source-'), version) === 'not-modified') {
    throw new S3Error(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold: the copy source is not modified',
    );
  }
  const shown = shownVersionId(bucket, version);
  return { bucket, key, version, headers: shown === undefined ? {} : { 'x-amz-copy-source-version-id': shown } };
}

/** Passes bytes on and computes their MD5. Call `md5()` after all bytes have passed. */
export function hashing(source: AsyncIterable<Uint8Array>): { bytes: AsyncGenerator<Uint8Array>; md5: () => string } {
  const hash = createHash('md5');
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  }
  return { bytes: pass(), md5: () => hash.digest('hex') };
}

/**
 * Keeps the checksums of whole objects. The checksum of a multipart upload is that of its parts,
 * which a copy no longer has.
 */
function wholeChecksums({ checksums }: ObjectVersion): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).filter(([, value]) => !value.includes('-')));
}

/** @returns true for REPLACE */
function readDirective(headers: ReadonlyMap<string, string>, name: string): boolean {
  const value = headers.get(name) ?? 'COPY';
  if (value !== 'COPY' && value !== 'REPLACE')
    throw new S3Error('InvalidArgument', `Unknown ${name}; it must be COPY or REPLACE.`);
  return value === 'REPLACE';
}

function decode(header: string): string {
  const text = Buffer.from(header, 'latin1').toString(); // UTF-8 that a client sent unencoded
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new S3Error('InvalidArgument', 'x-amz-copy-source is not percent-encoded UTF-8.', {}, error);
  }
}
