import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { BatchResponseError } from './errors.ts';
import { REGION } from './names.ts';

/** Lambda treats an empty answer, and an answer without a list, as success. */
const batchResponseSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/** Makes the event that Lambda makes of a batch of messages. */
export function toSqsEvent(messages: readonly Message[], queueArn: string): SQSEvent {
  return { Records: messages.map((message) => toRecord(message, queueArn)) };
}

/**
 * Finds out which messages failed, as Lambda reads the answer of a function
 * (ReportBatchItemFailures):
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 * @returns the ids of the failed messages
 * @throws {BatchResponseError} when the whole batch counts as failed, because the answer has
 * another form or names a message that is not in the batch
 */
export function failedMessages(answer: unknown, ids: readonly string[]): ReadonlySet<string> {
  const parsed = batchResponseSchema.safeParse(answer);
  if (!parsed.success) {
    throw new BatchResponseError(
      `the function's answer to a batch of ${ids.length} messages is not {batchItemFailures: [{itemIdentifier}]}: ${z.prettifyError(parsed.error)}`,
      parsed.error,
    );
  }
  const failed = (parsed.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  const unknown = failed.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new BatchResponseError(
      `the function reported ${unknown} as failed, but the batch of ${ids.length} messages has no such message`,
    );
  }
  return new Set(failed);
}

function toRecord(message: Message, queueArn: string): SQSRecord {
  const { MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '', Attributes = {} } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ...Attributes,
      ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: Attributes.SentTimestamp ?? '',
      SenderId: Attributes.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? '',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
    ),
    md5OfBody: MD5OfBody,
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: REGION,
  };
}

function toAttribute({ StringValue, BinaryValue, DataType = 'String' }: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
