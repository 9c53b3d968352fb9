import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { requestOfJob } from '../functions/routing/heavy-message.ts';
import { TABLE, UPLOADS_BUCKET } from './names.ts';
import { missedMessages, readImages, readOpenJobs } from './reconcile.ts';
import { heavyQueueUrl, type Services, uploadsQueueUrl } from './services.ts';

export interface RequeueOptions {
  readonly indexThreshold: number;
  /** Whether a heavy model answers the heavy queue. */
  readonly hasHeavyModel: boolean;
}

/** Maximum number of messages that SQS accepts in one call. */
const SEND_BATCH_SIZE = 10;

/**
 * Queues again the work that an earlier process left unfinished.
 * @returns the number of images, removals and jobs that were queued
 */
export async function requeue(
  { s3, messaging, dynamodb }: Omit<Services, 'endpoints'>,
  { indexThreshold, hasHeavyModel }: RequeueOptions,
): Promise<number> {
  const table = DynamoDBDocumentClient.from(dynamodb.client);
  const images = await readImages(table, TABLE, UPLOADS_BUCKET);
  const objects = s3.listObjects(UPLOADS_BUCKET);
  const missed = missedMessages({ bucket: UPLOADS_BUCKET, objects, images, indexThreshold, hasHeavyModel });
  const uploads = await send(messaging, uploadsQueueUrl(messaging), missed);
  if (!hasHeavyModel) return uploads;
  const jobs = await readOpenJobs(table, TABLE, new Date());
  const bodies = jobs.map((job) => JSON.stringify(requestOfJob(job)));
  return uploads + (await send(messaging, heavyQueueUrl(messaging), bodies));
}

async function send(
  { sqs }: Services['messaging'],
  QueueUrl: string,
  bodies: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  let count = 0;
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    count += batch.length;
    batch = [];
  };
  for await (const body of bodies) {
    batch.push(body);
    if (batch.length === SEND_BATCH_SIZE) await flush();
  }
  await flush();
  return count;
}
