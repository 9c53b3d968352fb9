import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readEnvironment, type Variables } from '../environment.ts';
import { openResultsTopic } from '../records/results.ts';
import { openRecordStore } from '../records/store.ts';
import { createS3Client } from '../s3-client.ts';
import { createSqsClient } from '../sqs-client.ts';
import { openObjectStore } from '../tagging/objects.ts';
import { toTagSettings } from '../tagging/tags.ts';
import { openThumbnailStore } from '../thumbnails/thumbnail-store.ts';
import type { DeadLetterDependencies } from './dead-letter.ts';
import { openLastRuns } from './last-runs.ts';
import { openParkedQueue } from './parked-queue.ts';
import { deadLettersEnvironmentSchema } from './settings.ts';
import { openTaggingFunction } from './tagging-function.ts';

/**
 * Opens the real clients of one function instance.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function openDependencies(variables: Variables): DeadLetterDependencies {
  const settings = readEnvironment(deadLettersEnvironmentSchema, variables);
  const s3 = createS3Client(variables);
  const table = DynamoDBDocumentClient.from(new DynamoDBClient());
  return {
    objects: openObjectStore(s3),
    thumbnails: openThumbnailStore(s3, settings.AUTOSWIFTNET_SERVICE_BUCKET),
    records: openRecordStore(table, settings.AUTOSWIFTNET_TABLE),
    publish: openResultsTopic(new SNSClient(), settings.AUTOSWIFTNET_RESULTS_TOPIC_ARN),
    answerer: { stage: 0, modelName: settings.AUTOSWIFTNET_MODEL },
    now: () => new Date(),
    tags: toTagSettings(settings),
    indexThreshold: settings.AUTOSWIFTNET_INDEX_THRESHOLD,
    lastRuns: openLastRuns(table, settings.AUTOSWIFTNET_TABLE),
    runAlone: openTaggingFunction(new LambdaClient({ maxAttempts: 1 }), settings.AUTOSWIFTNET_TAGGING_FUNCTION),
    park: openParkedQueue(createSqsClient(variables), settings.AUTOSWIFTNET_PARKED_QUEUE_URL),
  };
}
