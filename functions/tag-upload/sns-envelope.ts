import * as z from 'zod';
import { malformed } from './errors.ts';
import { parseJson } from './event-json.ts';

/** What SNS puts around a message, unless the subscription has raw delivery. */
const envelopeSchema = z.object({ Type: z.string(), Message: z.string(), TopicArn: z.string().optional() });

const NOTIFICATION = 'Notification';
const CONFIRMATIONS: ReadonlySet<string> = new Set(['SubscriptionConfirmation', 'UnsubscribeConfirmation']);

/**
 * Takes a message out of the envelope of SNS. Anything else is returned as it is.
 * @throws {MalformedEventError} if the message inside is not JSON, or SNS asks for a confirmation
 */
export function unwrapSns(json: unknown): unknown {
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return json;
  const { Type, Message, TopicArn = 'unknown' } = envelope.data;
  if (CONFIRMATIONS.has(Type)) {
    throw malformed(
      `it is a ${Type} of the SNS topic ${TopicArn}. To subscribe the queue to it, open the SubscribeURL in the message, or subscribe it again from the account of the queue`,
    );
  }
  return Type === NOTIFICATION ? parseJson(Message, 'the Message in its SNS envelope') : json;
}
