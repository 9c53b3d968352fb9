import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { TABLE, UPLOADS_BUCKET } from './names.ts';
import { missedMessages, readImages } from './reconcile.ts';
import { type Services, uploadsQueueUrl } from './services.ts';

/** SQS takes ten messages at once. */
const SEND_BATCH_SIZE = 10;

/**
 * Queues again what the process before this one left unfinished.
 * @returns how many images and removals were queued
 */
export async function requeue(
  { s3, messaging, dynamodb }: Omit<Services, 'endpoints'>,
  indexThreshold: number,
): Promise<number> {
  const table = DynamoDBDocumentClient.from(dynamodb.client);
  const images = await readImages(table, TABLE, UPLOADS_BUCKET);
  const objects = s3.listObjects(UPLOADS_BUCKET);
  let count = 0;
  let bodies: string[] = [];
  const send = async () => {
    const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    if (Entries.length === 0) return;
    await messaging.sqs.send(new SendMessageBatchCommand({ QueueUrl: uploadsQueueUrl(messaging), Entries }));
    count += bodies.length;
    bodies = [];
  };
  for await (const body of missedMessages({ bucket: UPLOADS_BUCKET, objects, images, indexThreshold })) {
    bodies.push(body);
    if (bodies.length === SEND_BATCH_SIZE) await send();
  }
  await send();
  return count;
}
