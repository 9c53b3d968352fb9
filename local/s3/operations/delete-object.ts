import { z } from 'zod';
import { checkWrite, readConditions } from '../conditions.ts';
import { S3Error } from '../errors.ts';
import { readDocument } from '../payload.ts';
import { checkKey } from '../request.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { Bucket, Change, Removal } from '../store/bucket.ts';
import { parseXml, type XmlContent } from '../xml.ts';
import { type S3Call, target } from './call.ts';

/** S3's limit for one request. */
const MAX_KEYS = 1000;
/** Enough for 1,000 keys of 1,024 bytes, with each byte written as a character reference. */
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;

const deleteSchema = z.object({
  Object: z
    .array(z.object({ Key: z.string(), VersionId: z.string().optional() }))
    .min(1)
    .max(MAX_KEYS),
  Quiet: z.enum(['true', 'false']).optional(),
});

export async function deleteObject(call: S3Call): Promise<S3Response> {
  const { bucket, key } = target(call);
  const versionId = call.request.query.get('versionId') ?? undefined;
  const conditions = readConditions(call.request.headers);
  const { version } = await remove(call, bucket, { key, versionId }, (current) => checkWrite(conditions, current));
  const shown = versionId ?? (bucket.settings.versioning === 'off' ? undefined : version?.versionId);
  return {
    status: 204,
    headers: {
      ...(shown !== undefined && { 'x-amz-version-id': shown }),
      ...(version?.deleteMarker === true && { 'x-amz-delete-marker': 'true' }),
    },
  };
}

export async function deleteObjects(call: S3Call): Promise<S3Response> {
  const { request, store } = call;
  const bucket = store.bucket(request.bucket ?? '');
  const { Object: objects, Quiet } = parseXml(await readDocument(request, MAX_DOCUMENT_BYTES), 'Delete', deleteSchema);
  const deleted: XmlContent[] = [];
  const errors: XmlContent[] = [];
  for (const { Key, VersionId } of objects) {
    const named = { Key, ...(VersionId !== undefined && { VersionId }) };
    try {
      const removal = await remove(call, bucket, { key: checkKey(Key), versionId: VersionId });
      deleted.push({ ...named, ...marker(removal) });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ ...named, Code: error.code, Message: error.message });
    }
  }
  return xmlResponse('DeleteResult', { Deleted: Quiet === 'true' ? [] : deleted, Error: errors });
}

function remove(
  { announce }: S3Call,
  bucket: Bucket,
  { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
  check?: Change['check'],
): Promise<Removal> {
  return bucket.remove(key, versionId, {
    ...(check && { check }),
    announce: ({ version, effect }) =>
      announce({
        bucket,
        key,
        eventName: effect === 'marked' ? 'ObjectRemoved:DeleteMarkerCreated' : 'ObjectRemoved:Delete',
        version,
      }),
  });
}

function marker({ version }: Removal): Record<string, XmlContent> {
  return version?.deleteMarker === true ? { DeleteMarker: true, DeleteMarkerVersionId: version.versionId } : {};
}
