import { readDescription } from '../description.ts';
import { CHECKSUM_BYTES } from '../digests.ts';
import { S3Error } from '../errors.ts';
import { Payload, type PayloadFacts } from '../payload.ts';
import { readNumber } from '../request.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import { hashKey } from '../store/records.ts';
import { segmentsOf } from '../store/upload-files.ts';
import { parseTaggingHeader } from '../tagging.ts';
import type { XmlContent } from '../xml.ts';
import { quote, type S3Call, target } from './call.ts';
import { findSource, hashing } from './copy-object.ts';
import { parseRange } from './get-object.ts';

/**
 * S3's limits for a multipart upload.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const MAX_PARTS = 10_000;
const MAX_LISTED_PARTS = 1000;

export async function createMultipartUpload(call: S3Call): Promise<S3Response> {
  const { bucket, key } = target(call);
  const { headers } = call.request;
  const algorithm = headers.get('x-amz-checksum-algorithm')?.toUpperCase() ?? null;
  if (algorithm !== null && CHECKSUM_BYTES[`x-amz-checksum-${algorithm.toLowerCase()}`] === undefined) {
    throw new S3Error('InvalidRequest', 'Checksum algorithm provided is unsupported.');
  }
  const upload = await bucket.uploads.create({
    key,
    initiated: call.now,
    headers: readDescription(headers),
    tags: parseTaggingHeader(headers.get('x-amz-tagging')),
    checksumAlgorithm: algorithm,
  });
  return xmlResponse(
    'InitiateMultipartUploadResult',
    { Bucket: bucket.name, Key: key, UploadId: upload.id },
    algorithm === null ? {} : { 'x-amz-checksum-algorithm': algorithm },
  );
}

export async function uploadPart(call: S3Call): Promise<S3Response> {
  const payload = new Payload(call.request);
  const { md5, checksums } = await writePart(call, payload.bytes(), () => payload.facts());
  return { status: 200, headers: { etag: quote(md5), ...checksums } };
}

/** Copies a part from an object that is already stored here. */
export async function uploadPartCopy(call: S3Call): Promise<S3Response> {
  const source = findSource(call);
  const { size, segments } = source.version;
  const rangeText = call.request.headers.get('x-amz-copy-source-range');
  const range = parseRange(rangeText, size);
  if (rangeText !== undefined && range === undefined) {
    throw new S3Error('InvalidArgument', 'The x-amz-copy-source-range value must be of the form bytes=first-last.');
  }
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const stream = source.bucket.data.read(segments, { first, last });
  const copy = hashing(stream);
  try {
    const { md5 } = await writePart(call, copy.bytes, () => ({
      size: last - first + 1,
      md5: copy.md5(),
      checksums: {},
    }));
    const result = { LastModified: new Date(call.now).toISOString(), ETag: quote(md5) };
    return xmlResponse('CopyPartResult', result, source.headers);
  } finally {
    stream.destroy();
  }
}

export function listParts(call: S3Call): S3Response {
  const { bucket, key } = target(call);
  const { query } = call.request;
  const upload = bucket.uploads.find(key, query.get('uploadId') ?? '');
  const marker = readNumber(query, 'part-number-marker', { min: 0, max: MAX_PARTS }) ?? 0;
  const maxParts = readNumber(query, 'max-parts', { min: 0, max: 2 ** 31 }) ?? MAX_LISTED_PARTS;
  const rest = [...upload.parts].filter(([partNumber]) => partNumber > marker).sort(([a], [b]) => a - b);
  const page = rest.slice(0, Math.min(maxParts, MAX_LISTED_PARTS));
  return xmlResponse('ListPartsResult', {
    Bucket: bucket.name,
    Key: key,
    UploadId: upload.id,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.[0] ?? marker,
    MaxParts: maxParts,
    IsTruncated: page.length < rest.length && page.length > 0,
    StorageClass: 'STANDARD',
    Part: page.map(
      ([partNumber, part]): XmlContent => ({
        PartNumber: partNumber,
        LastModified: new Date(part.lastModified).toISOString(),
        ETag: quote(part.eTag),
        Size: part.size,
      }),
    ),
  });
}

export async function abortMultipartUpload(call: S3Call): Promise<S3Response> {
  const { bucket, key } = target(call);
  await bucket.uploads.exclusively(key, call.request.query.get('uploadId') ?? '', async (upload) => {
    await bucket.uploads.forget(upload);
    await bucket.data.remove(segmentsOf(upload));
  });
  return { status: 204 };
}

async function writePart(
  call: S3Call,
  bytes: AsyncIterable<Uint8Array>,
  facts: () => PayloadFacts,
): Promise<PayloadFacts> {
  const { bucket, key } = target(call);
  const id = call.request.query.get('uploadId') ?? '';
  const partNumber = readNumber(call.request.query, 'partNumber', { min: 1, max: MAX_PARTS });
  if (partNumber === undefined)
    throw new S3Error('InvalidArgument', `partNumber must be a whole number from 1 to ${MAX_PARTS}.`);
  bucket.uploads.find(key, id);
  const segments = await bucket.data.write(hashKey(key), bytes);
  try {
    const { size, md5, checksums } = facts();
    const part = { segments, size, eTag: md5, checksums, lastModified: call.now };
    const replaced = await bucket.uploads.setPart(key, id, partNumber, part);
    await bucket.data.remove(replaced?.segments ?? []);
    return { size, md5, checksums };
  } catch (error) {
    await bucket.data.remove(segments);
    throw error;
  }
}
