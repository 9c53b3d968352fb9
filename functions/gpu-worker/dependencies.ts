import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Variables } from '../environment.ts';
import { type JobStore, openJobStore } from '../records/job-store.ts';
import { openResultsTopic } from '../records/results.ts';
import { openRecordStore } from '../records/store.ts';
import { createS3Client } from '../s3-client.ts';
import { createSqsClient } from '../sqs-client.ts';
import type { Effects } from '../tagging/effects.ts';
import { type ObjectStore, openObjectStore } from '../tagging/objects.ts';
import { toTagSettings } from '../tagging/tags.ts';
import { openThumbnailStore } from '../thumbnails/thumbnail-store.ts';
import { type HeavyReceiver, openHeavyReceiver } from './heavy-receiver.ts';
import type { WorkerSettings } from './settings.ts';

/** Everything that a worker reads or changes. It answers heavy requests and sends none. */
export interface WorkerDependencies extends Omit<Effects, 'askHeavy'> {
  readonly s3: S3Client;
  readonly objects: ObjectStore;
  readonly jobs: JobStore;
  readonly queue: HeavyReceiver;
  readonly maxImageBytes: number;
}

/**
 * The clock by which a worker reads jobs. A job that has expired is answered, too, as long as its
 * item is there: if this machine's clock were wrong by a day, no job would have an answer.
 */
const beforeAnyExpiry = () => new Date(0);

/** Opens the real clients. */
export function openDependencies(variables: Variables, settings: WorkerSettings): WorkerDependencies {
  const table = DynamoDBDocumentClient.from(new DynamoDBClient());
  const s3 = createS3Client(variables);
  return {
    s3,
    objects: openObjectStore(s3),
    thumbnails: openThumbnailStore(s3, settings.AUTOSWIFTNET_SERVICE_BUCKET),
    records: openRecordStore(table, settings.AUTOSWIFTNET_TABLE),
    jobs: openJobStore(table, settings.AUTOSWIFTNET_TABLE, beforeAnyExpiry),
    publish: openResultsTopic(new SNSClient(), settings.AUTOSWIFTNET_RESULTS_TOPIC_ARN),
    queue: openHeavyReceiver(createSqsClient(variables), settings.AUTOSWIFTNET_HEAVY_QUEUE_URL),
    now: () => new Date(),
    tags: toTagSettings(settings),
    indexThreshold: settings.AUTOSWIFTNET_INDEX_THRESHOLD,
    maxImageBytes: settings.AUTOSWIFTNET_MAX_IMAGE_BYTES,
  };
}
