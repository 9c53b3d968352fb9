import { GetObjectTaggingCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

/** Everything that is left of a run: what its services hold. */
export interface Found {
  /** The current objects of the bucket, by key. */
  readonly objects: ReadonlyMap<string, FoundObject>;
  /** The items of the table that are about images. */
  readonly items: readonly FoundItem[];
  /** What the results topic published. */
  readonly messages: readonly FoundMessage[];
  /** Messages that each queue holds, waiting or received. */
  readonly queues: Readonly<Record<string, number>>;
}

export interface FoundObject {
  /** Without quotes. */
  readonly eTag: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A record, tombstone or label row. Only the fields that are compared are named. */
export type FoundItem = z.output<typeof itemSchema>;
export type FoundMessage = z.output<typeof messageSchema>;

/** The services to look at. */
export interface AuditedServices {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly table: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly sqs: SQSClient;
  /** A queue that receives everything from the results topic, as raw messages. It is emptied. */
  readonly resultsQueueUrl: string;
  /** URLs of the queues that are counted, by name. */
  readonly queueUrls: Readonly<Record<string, string>>;
}

const labelled = { label: z.string(), probability: z.number() };

export const itemSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  key: z.string(),
  sequencer: z.string(),
  stage: z.number(),
  eTag: z.string().nullish(),
  state: z.string().nullish(),
  model: z.string().nullish(),
  deletedAt: z.string().nullish(),
  predictions: z.array(z.object(labelled)).nullish(),
  label: z.string().nullish(),
  labelShard: z.string().nullish(),
  probability: z.number().nullish(),
});

export const messageSchema = z.object({
  bucket: z.string(),
  key: z.string(),
  state: z.string(),
  predictions: z.array(z.object(labelled)),
});

const IMAGES = 'IMAGE#';

/** Reads everything that the services hold. Call it when nothing is under way. */
export async function findEverything(services: AuditedServices): Promise<Found> {
  return {
    objects: await findObjects(services),
    items: await findItems(services),
    messages: await findMessages(services),
    queues: await countMessages(services),
  };
}

async function findObjects({ s3, bucket }: AuditedServices): Promise<Map<string, FoundObject>> {
  const objects = new Map<string, FoundObject>();
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken }));
    for (const { Key = '', ETag = '' } of page.Contents ?? []) {
      const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }));
      const tags = Object.fromEntries(TagSet.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
      objects.set(Key, { eTag: ETag.replaceAll('"', ''), tags });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return objects;
}

async function findItems({ table, tableName }: AuditedServices): Promise<FoundItem[]> {
  const items: FoundItem[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await table.send(new ScanCommand({ TableName: tableName, ConsistentRead: true, ExclusiveStartKey }));
    const images = (page.Items ?? []).filter(({ pk }) => String(pk).startsWith(IMAGES));
    items.push(...images.map((item) => itemSchema.parse(item)));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

async function findMessages({ sqs, resultsQueueUrl }: AuditedServices): Promise<FoundMessage[]> {
  const messages: FoundMessage[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: resultsQueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return messages;
    messages.push(...Messages.map(({ Body = '' }) => messageSchema.parse(JSON.parse(Body))));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: resultsQueueUrl, Entries }));
  }
}

async function countMessages({ sqs, queueUrls }: AuditedServices): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [name, QueueUrl] of Object.entries(queueUrls)) {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    counts[name] = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  }
  return counts;
}
