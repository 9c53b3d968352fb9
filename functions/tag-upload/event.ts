import * as z from 'zod';
import { malformed } from './errors.ts';
import { parseJson } from './event-json.ts';
import { isEventBridgeEvent, parseEventBridgeEvent } from './eventbridge-event.ts';
import { isNotification, parseNotification } from './notification.ts';
import { unwrapSns } from './sns-envelope.ts';
import type { UploadEvent } from './upload-event.ts';

const testEventSchema = z.object({ Event: z.literal('s3:TestEvent') });

/**
 * Reads the body of a message of the uploads queue: a notification of S3, with one or more events,
 * or an event of S3 from EventBridge. SNS may have wrapped either.
 * @throws {MalformedEventError} for anything else
 */
export function parseUploadEvents(body: string): UploadEvent[] {
  const json = unwrapSns(parseJson(body, 'its body'));
  if (testEventSchema.safeParse(json).success) return [{ kind: 'test-event' }];
  if (isNotification(json)) return parseNotification(json);
  if (isEventBridgeEvent(json)) return [parseEventBridgeEvent(json)];
  throw malformed('it has neither the Records of a notification nor the detail-type of an event from EventBridge');
}
