import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { toFailureReason } from '../records/failure-reason.ts';
import { NOT_XML } from '../xml-text.ts';

/** Sends a message to the parked ones, with the reason. */
export type Park = (letter: Pick<SQSRecord, 'body'>, why: Error) => Promise<void>;

/**
 * Opens the queue of the parked messages. A parked message has the body of the dead letter, so that
 * it can be moved back to the uploads queue as it is. Its attributes `code` and `reason` say why it
 * was parked. If the body leaves no room for them, SQS refuses the message; the dead letter then
 * goes the same way without them, after its last receive.
 */
export function openParkedQueue(client: SQSClient, queueUrl: string): Park {
  return async ({ body }, why) => {
    const { code, message } = toFailureReason(why);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        MessageAttributes: { code: textAttribute(code), reason: textAttribute(message) },
      }),
    );
  };
}

function textAttribute(text: string) {
  return { DataType: 'String', StringValue: text.replace(NOT_XML, ' ') };
}
