import { z } from 'zod';
import { S3Error } from '../errors.ts';
import { CONFIGURATION_ID, REGION } from '../events.ts';
import { OWNER } from '../owner.ts';
import { readDocument } from '../payload.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import { parseXml } from '../xml.ts';
import { type S3Call, target } from './call.ts';

const MAX_DOCUMENT_BYTES = 16 * 1024;
const versioningSchema = z.object({
  Status: z.enum(['Enabled', 'Suspended']),
  MfaDelete: z.literal('Disabled').optional(),
});

export function listBuckets({ store }: S3Call): S3Response {
  const buckets = store.buckets().map(({ name, settings }) => ({
    Name: name,
    CreationDate: new Date(settings.createdAt).toISOString(),
  }));
  return xmlResponse('ListAllMyBucketsResult', { Owner: OWNER, Buckets: { Bucket: buckets } });
}

/**
 * Creates a bucket. It accepts any location and stores none, because this endpoint is in one place.
 */
export async function createBucket({ request, store }: S3Call): Promise<S3Response> {
  const name = request.bucket ?? '';
  if (store.hasBucket(name)) {
    throw new S3Error(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
    );
  }
  await store.createBucket(name);
  return { status: 200, headers: { location: `/${name}` } };
}

export async function deleteBucket({ request, store }: S3Call): Promise<S3Response> {
  await store.deleteBucket(request.bucket ?? '');
  return { status: 204 };
}

export function headBucket(call: S3Call): S3Response {
  target(call);
  return { status: 200, headers: { 'x-amz-bucket-region': REGION } };
}

/** Answers with an empty constraint, which means us-east-1. */
export function getBucketLocation(call: S3Call): S3Response {
  target(call);
  return xmlResponse('LocationConstraint', {});
}

export function getBucketVersioning(call: S3Call): S3Response {
  const { versioning } = target(call).bucket.settings;
  const status = { off: undefined, enabled: 'Enabled', suspended: 'Suspended' }[versioning];
  return xmlResponse('VersioningConfiguration', { Status: status });
}

/** Answers with the queue that gets the events, or with nothing if the bucket is not watched. */
export function getBucketNotification(call: S3Call): S3Response {
  const { notifications } = target(call).bucket.settings;
  const queue = {
    Id: CONFIGURATION_ID,
    Queue: call.eventsQueueArn,
    Event: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
  };
  return xmlResponse('NotificationConfiguration', { QueueConfiguration: notifications ? queue : undefined });
}

export async function putBucketVersioning(call: S3Call): Promise<S3Response> {
  const { bucket } = target(call);
  const { Status } = parseXml(
    await readDocument(call.request, MAX_DOCUMENT_BYTES),
    'VersioningConfiguration',
    versioningSchema,
  );
  await bucket.configure({ ...bucket.settings, versioning: Status === 'Enabled' ? 'enabled' : 'suspended' });
  return { status: 200 };
}
