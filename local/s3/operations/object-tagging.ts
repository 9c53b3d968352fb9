import { readDocument } from '../payload.ts';
import type { S3Response } from '../response.ts';
import type { Tag } from '../store/object-version.ts';
import { buildTaggingXml, parseTaggingXml } from '../tagging.ts';
import { type S3Call, target, versionHeader } from './call.ts';

/**
 * Enough for ten tags of the greatest length, with each character written as a character reference.
 */
const MAX_DOCUMENT_BYTES = 64 * 1024;

export function getObjectTagging(call: S3Call): S3Response {
  const { bucket, key } = target(call);
  const version = bucket.find(key, call.request.query.get('versionId') ?? undefined);
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...versionHeader(bucket, version) },
    body: buildTaggingXml(version.tags),
  };
}

export async function putObjectTagging(call: S3Call): Promise<S3Response> {
  const tags = parseTaggingXml(await readDocument(call.request, MAX_DOCUMENT_BYTES));
  return setTags(call, tags, 200);
}

export async function deleteObjectTagging(call: S3Call): Promise<S3Response> {
  return setTags(call, [], 204);
}

async function setTags(call: S3Call, tags: readonly Tag[], status: number): Promise<S3Response> {
  const { bucket, key } = target(call);
  const version = await bucket.setTags(key, call.request.query.get('versionId') ?? undefined, tags);
  return { status, headers: versionHeader(bucket, version) };
}
