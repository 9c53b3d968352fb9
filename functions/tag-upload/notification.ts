import * as z from 'zod';
import { MAX_KEY_BYTES } from '../object-key.ts';
import { sequencerSchema } from '../records/position.ts';
import { malformed } from './errors.ts';
import { bucketNameSchema, checkKey, eventTimeSchema, versionIdSchema } from './event-json.ts';
import type { UploadEvent } from './upload-event.ts';

const CREATED = 'ObjectCreated:';
const REMOVED = 'ObjectRemoved:';
const EXPIRED = 'LifecycleExpiration:';
const MARKER = 'DeleteMarkerCreated';

const notificationSchema = z.object({ Records: z.array(z.object({ eventName: z.string().min(1) }).loose()) });

const objectRecordSchema = z.object({
  s3: z.object({
    bucket: z.object({ name: bucketNameSchema }),
    object: z.object({
      key: z.string().min(1),
      versionId: versionIdSchema.optional(),
      eTag: z.string().optional(),
      size: z.int().nonnegative().optional(),
      sequencer: sequencerSchema.optional(),
    }),
  }),
  eventTime: eventTimeSchema,
});

/** Tells whether this is meant to be a notification of S3: it has Records. */
export function isNotification(json: unknown): boolean {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, 'Records');
}

/**
 * Reads a notification as S3 sends it:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @throws {MalformedEventError}
 */
export function parseNotification(json: unknown): UploadEvent[] {
  const notification = notificationSchema.safeParse(json);
  if (!notification.success) throw malformed(z.prettifyError(notification.error), notification.error);
  return notification.data.Records.map(parseRecord);
}

/**
 * Decodes the key of a notification.
 * @throws {MalformedEventError} unless `encoded` is form-encoded UTF-8 of 1 to 1,024 bytes
 */
export function decodeKey(encoded: string): string {
  let key: string;
  try {
    key = decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (cause) {
    throw malformed(`its key ${JSON.stringify(encoded.slice(0, MAX_KEY_BYTES))} is not form-encoded UTF-8`, cause);
  }
  return checkKey(key);
}

function parseRecord(record: { eventName: string }): UploadEvent {
  const eventName = record.eventName.replace(/^s3:/, '');
  const created = eventName.startsWith(CREATED);
  const expired = eventName.startsWith(EXPIRED);
  if (!created && !expired && !eventName.startsWith(REMOVED)) return { kind: 'ignored', eventName };

  const parsed = objectRecordSchema.safeParse(record);
  if (!parsed.success)
    throw malformed(`its event ${eventName} cannot be read: ${z.prettifyError(parsed.error)}`, parsed.error);
  const { bucket, object } = parsed.data.s3;
  const name = { bucket: bucket.name, key: decodeKey(object.key) };
  const versionId = object.versionId ?? null;
  const sequencer = object.sequencer ?? null;
  if (created) {
    const eTag = object.eTag?.replaceAll('"', '') || null;
    return {
      kind: 'created',
      name,
      versionId,
      eTag,
      size: object.size ?? null,
      sequencer,
      time: parsed.data.eventTime,
    };
  }
  const kind = expired ? 'lifecycle-expired' : 'removed';
  return { kind, name, versionId, marker: eventName.endsWith(MARKER), sequencer };
}
