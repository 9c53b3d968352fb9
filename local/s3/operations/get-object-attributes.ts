import { checksumElements, checksumType } from '../digests.ts';
import { S3Error } from '../errors.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import type { XmlContent } from '../xml.ts';
import { type S3Call, target, versionHeader } from './call.ts';

/** Makes the elements of each attribute that a client may ask for. */
const ATTRIBUTES: Readonly<Record<string, (version: ObjectVersion) => Record<string, XmlContent>>> = {
  ETag: ({ eTag }) => ({ ETag: eTag }), // without quotes, here alone
  Checksum: describeChecksums,
  ObjectParts: describeParts,
  StorageClass: () => ({ StorageClass: 'STANDARD' }),
  ObjectSize: ({ size }) => ({ ObjectSize: size }),
};

export function getObjectAttributes(call: S3Call): S3Response {
  const { bucket, key } = target(call);
  const { headers, query } = call.request;
  const wanted = readWanted(headers.get('x-amz-object-attributes'));
  const version = bucket.find(key, query.get('versionId') ?? undefined);
  const found = Object.entries(ATTRIBUTES).flatMap(([name, describe]) => (wanted.has(name) ? [describe(version)] : []));
  return xmlResponse('GetObjectAttributesOutput', Object.assign({}, ...found), {
    'last-modified': new Date(version.lastModified).toUTCString(),
    ...versionHeader(bucket, version),
  });
}

function readWanted(header: string | undefined): Set<string> {
  const names = (header ?? '').split(',').map((name) => name.trim());
  if (names.every((name) => Object.hasOwn(ATTRIBUTES, name))) return new Set(names);
  throw new S3Error(
    'InvalidArgument',
    `The header x-amz-object-attributes must list one or more of ${Object.keys(ATTRIBUTES).join(', ')}.`,
  );
}

function describeChecksums({ checksums }: ObjectVersion): Record<string, XmlContent> {
  if (Object.keys(checksums).length === 0) return {};
  return { Checksum: { ...checksumElements(checksums), ChecksumType: checksumType(checksums) } };
}

/** S3 lists the parts themselves only if each has a checksum. Here it is their number alone. */
function describeParts({ eTag }: ObjectVersion): Record<string, XmlContent> {
  const [, count] = /-(\d+)$/.exec(eTag) ?? [];
  return count === undefined ? {} : { ObjectParts: { PartsCount: count } };
}
