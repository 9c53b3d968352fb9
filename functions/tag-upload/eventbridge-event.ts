import * as z from 'zod';
import { sequencerSchema } from '../records/position.ts';
import { malformed } from './errors.ts';
import { bucketNameSchema, checkKey, eventTimeSchema, versionIdSchema } from './event-json.ts';
import type { UploadEvent } from './upload-event.ts';

const SOURCE = 'aws.s3';
const CREATED = 'Object Created';
const DELETED = 'Object Deleted';
/** The types of all events of S3 itself begin so. CloudTrail's events about S3 do not. */
const OF_AN_OBJECT = 'Object ';

const envelopeSchema = z.object({
  source: z.string(),
  'detail-type': z.string().min(1),
  time: eventTimeSchema,
  detail: z.unknown(),
});

const objectSchema = z.object({
  /** As the object is named: not form-encoded, as it is in a notification. */
  key: z.string().min(1),
  'version-id': versionIdSchema.optional(),
  etag: z.string().optional(),
  size: z.int().nonnegative().optional(),
  sequencer: sequencerSchema.optional(),
});
const createdSchema = z.object({ bucket: z.object({ name: bucketNameSchema }), object: objectSchema });
const deletedSchema = createdSchema.extend({
  reason: z.string(),
  'deletion-type': z.enum(['Permanently Deleted', 'Delete Marker Created']),
});

/** Tells whether this is meant to be an event of EventBridge: it has a detail-type. */
export function isEventBridgeEvent(json: unknown): boolean {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, 'detail-type');
}

/**
 * Reads an event as S3 sends it to EventBridge, and EventBridge to the queue:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 * @throws {MalformedEventError}
 */
export function parseEventBridgeEvent(json: unknown): UploadEvent {
  const { source, 'detail-type': type, time, detail } = check(envelopeSchema, json, 'its EventBridge envelope');
  if (source !== SOURCE) throw malformed(`it comes from ${JSON.stringify(source)} through EventBridge, not from S3`);
  if (type === CREATED) return parseCreated(detail, time);
  if (type === DELETED) return parseDeleted(detail);
  if (type.startsWith(OF_AN_OBJECT)) return { kind: 'ignored', eventName: type };
  throw malformed(
    `its detail-type ${JSON.stringify(type)} is none that S3 itself sends to EventBridge; turn on EventBridge in the bucket's properties, and match ${CREATED} and ${DELETED} in the rule`,
  );
}

function parseCreated(detail: unknown, time: string | null): UploadEvent {
  const { bucket, object } = check(createdSchema, detail, `its event ${CREATED}`);
  return {
    kind: 'created',
    name: { bucket: bucket.name, key: checkKey(object.key) },
    versionId: object['version-id'] ?? null,
    eTag: object.etag?.replaceAll('"', '') || null,
    size: object.size ?? null,
    sequencer: object.sequencer ?? null,
    time,
  };
}

function parseDeleted(detail: unknown): UploadEvent {
  const { bucket, object, reason, 'deletion-type': type } = check(deletedSchema, detail, `its event ${DELETED}`);
  return {
    kind: reason === 'Lifecycle Expiration' ? 'lifecycle-expired' : 'removed',
    name: { bucket: bucket.name, key: checkKey(object.key) },
    versionId: object['version-id'] ?? null,
    marker: type === 'Delete Marker Created',
    sequencer: object.sequencer ?? null,
  };
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw malformed(`${what} cannot be read: ${z.prettifyError(parsed.error)}`, parsed.error);
}
