import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { checkWrite, readConditions } from '../conditions.ts';
import { checksumElements, createDigest } from '../digests.ts';
import { S3Error } from '../errors.ts';
import { readDocument } from '../payload.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { Content } from '../store/object-version.ts';
import { type Part, segmentsOf, type Upload } from '../store/upload-files.ts';
import { parseXml } from '../xml.ts';
import { quote, type S3Call, target, versionHeader } from './call.ts';
import { MAX_PARTS } from './upload-parts.ts';

/** S3's lower limit for every part except the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;
/** Enough for 10,000 parts with a checksum each. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
/** Matches an element such as ChecksumSHA256. */
const CHECKSUM_ELEMENT = /^Checksum(CRC32|CRC32C|CRC64NVME|SHA1|SHA256)$/;

const completeSchema = z.object({
  Part: z
    .array(z.looseObject({ PartNumber: z.string().regex(/^\s*\d{1,5}\s*$/), ETag: z.string() }))
    .min(1)
    .max(MAX_PARTS),
});
type NamedPart = z.infer<typeof completeSchema>['Part'][number];

export async function completeMultipartUpload(call: S3Call): Promise<S3Response> {
  const { bucket, key } = target(call);
  const { headers, query } = call.request;
  const id = query.get('uploadId') ?? '';
  bucket.uploads.find(key, id);
  const document = parseXml(
    await readDocument(call.request, MAX_DOCUMENT_BYTES),
    'CompleteMultipartUpload',
    completeSchema,
  );

  const completed = await bucket.uploads.exclusively(key, id, async (upload) => {
    const parts = choose(upload, document.Part);
    const content = join(upload, parts);
    checkSize(headers.get('x-amz-mp-object-size'), content.size);
    const version = await bucket.put(
      key,
      { ...content, headers: upload.headers, tags: upload.tags },
      {
        check: (current) => checkWrite(readConditions(headers), current),
        announce: ({ version }) =>
          call.announce({ bucket, key, eventName: 'ObjectCreated:CompleteMultipartUpload', version }),
      },
    );
    await bucket.uploads.forget(upload);
    const used = new Set(content.segments.map(({ file }) => file));
    await bucket.data.remove(segmentsOf(upload).filter(({ file }) => !used.has(file)));
    return version;
  });

  const result = {
    Location: `http://${headers.get('host')}/${bucket.name}/${encodeURIComponent(key)}`,
    Bucket: bucket.name,
    Key: key,
    ETag: quote(completed.eTag),
    ...checksumElements(completed.checksums),
  };
  return xmlResponse('CompleteMultipartUploadResult', result, versionHeader(bucket, completed));
}

/**
 * Finds the parts that the client names, and checks that they are the ones it means.
 * @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall
 */
function choose(upload: Upload, named: readonly NamedPart[]): Part[] {
  const numbers = named.map(({ PartNumber }) => Number(PartNumber));
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  const parts = named.map((name, index) => {
    const part = upload.parts.get(numbers[index] ?? 0);
    if (part === undefined || part.eTag !== name.ETag.trim().replace(/^"(.*)"$/, '$1') || !agree(part, name)) {
      throw new S3Error(
        'InvalidPart',
        `One or more of the specified parts could not be found: part ${numbers[index]} was not uploaded, or it has another ETag or checksum.`,
      );
    }
    return part;
  });
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) {
    throw new S3Error('EntityTooSmall', `Every part except the last must have at least ${MIN_PART_BYTES} bytes.`);
  }
  return parts;
}

function agree(part: Part, named: NamedPart): boolean {
  return Object.entries(named).every(([element, value]) => {
    const algorithm = CHECKSUM_ELEMENT.exec(element)?.[1];
    const known = algorithm === undefined ? undefined : part.checksums[`x-amz-checksum-${algorithm.toLowerCase()}`];
    return known === undefined || known === value;
  });
}

function join(upload: Upload, parts: readonly Part[]): Content {
  const md5s = createHash('md5');
  for (const { eTag } of parts) md5s.update(eTag, 'hex');
  return {
    segments: parts.flatMap(({ segments }) => segments),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    eTag: `${md5s.digest('hex')}-${parts.length}`,
    checksums: composeChecksum(upload, parts),
  };
}

/**
 * Computes the checksum of the parts' checksums. All parts must have a checksum of the algorithm
 * that the upload started with, and that algorithm must be available here.
 */
function composeChecksum({ checksumAlgorithm }: Upload, parts: readonly Part[]): Record<string, string> {
  if (checksumAlgorithm === null) return {};
  const name = `x-amz-checksum-${checksumAlgorithm.toLowerCase()}`;
  const digest = createDigest(name);
  const values = parts.map(({ checksums }) => checksums[name]);
  if (digest === undefined) return {};
  for (const value of values) {
    if (value === undefined) return {};
    digest.update(Buffer.from(value, 'base64'));
  }
  return { [name]: `${digest.digest().toString('base64')}-${parts.length}` };
}

function checkSize(declared: string | undefined, found: number): void {
  if (declared !== undefined && declared !== String(found)) {
    throw new S3Error(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${declared} does not match what was computed: ${found}`,
    );
  }
}
