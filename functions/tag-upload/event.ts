import * as z from 'zod';
import { MAX_KEY_BYTES } from '../object-key.ts';
import { sequencerSchema } from '../records/position.ts';
import type { CreatedEvent, RemovedEvent } from '../tagging/image-event.ts';
import { MalformedEventError } from './errors.ts';

/**
 * One entry of a queue message. `test-event`: S3 tests a new notification. `ignored`: neither an
 * upload nor a deletion.
 */
export type UploadEvent =
  | CreatedEvent
  | RemovedEvent
  | { readonly kind: 'test-event' }
  | { readonly kind: 'ignored'; readonly eventName: string };

/** The list of faults is cut to this length. A message of a megabyte may have very many. */
const MAX_FAULT_CHARACTERS = 1200;

const CREATED = 'ObjectCreated:';
const REMOVED = 'ObjectRemoved:';
const EXPIRED = 'LifecycleExpiration:';
const MARKER = 'DeleteMarkerCreated';

const testEventSchema = z.object({ Event: z.literal('s3:TestEvent') });
const notificationSchema = z.object({ Records: z.array(z.object({ eventName: z.string().min(1) }).loose()) });

const objectRecordSchema = z.object({
  s3: z.object({
    bucket: z.object({
      name: z
        .string()
        .min(1)
        .max(255)
        .regex(/^[^/]+$/),
    }),
    object: z.object({
      key: z.string().min(1),
      versionId: z.string().min(1).max(1024).optional(),
      eTag: z.string().optional(),
      size: z.int().nonnegative().optional(),
      sequencer: sequencerSchema.optional(),
    }),
  }),
});

/**
 * Reads the body of a message of the uploads queue: an S3 notification, with one or more events.
 * @throws {MalformedEventError} for anything else
 */
export function parseUploadEvents(body: string): UploadEvent[] {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw malformed(`its body of ${body.length} characters is not JSON`, cause);
  }
  if (testEventSchema.safeParse(json).success) return [{ kind: 'test-event' }];
  const notification = notificationSchema.safeParse(json);
  if (!notification.success) throw malformed(z.prettifyError(notification.error), notification.error);
  return notification.data.Records.map(parseEvent);
}

/**
 * Decodes the key of an event.
 * @throws {MalformedEventError} unless `encoded` is form-encoded UTF-8 of 1 to 1,024 bytes
 */
export function decodeKey(encoded: string): string {
  let key: string;
  try {
    key = decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (cause) {
    throw malformed(`its key ${JSON.stringify(encoded.slice(0, MAX_KEY_BYTES))} is not form-encoded UTF-8`, cause);
  }
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) throw malformed(`its key has ${bytes} bytes, and S3 allows ${MAX_KEY_BYTES}`);
  return key;
}

function parseEvent(record: { eventName: string }): UploadEvent {
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
    return { kind: 'created', name, versionId, eTag, size: object.size ?? null, sequencer };
  }
  const kind = expired ? 'lifecycle-expired' : 'removed';
  return { kind, name, versionId, marker: eventName.endsWith(MARKER), sequencer };
}

function malformed(fault: string, cause?: unknown): MalformedEventError {
  return new MalformedEventError(
    `the queue message is not an S3 notification: ${fault.slice(0, MAX_FAULT_CHARACTERS)}. Only S3 and the backfill should send to this queue. Look at the message in the dead letters.`,
    cause,
  );
}
