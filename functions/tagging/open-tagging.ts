import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Classifier, openClassifier } from '../../classifier/classifier.ts';
import { toDecodeLimits } from '../decode-limits.ts';
import type { Variables } from '../environment.ts';
import { openResultsTopic } from '../records/results.ts';
import { openRecordStore } from '../records/store.ts';
import { openHeavySender } from '../routing/heavy-sender.ts';
import { chooseRoute } from '../routing/route.ts';
import { toRouteSettings } from '../routing/route-settings.ts';
import { createS3Client } from '../s3-client.ts';
import { createRunner, type Runner } from '../side-by-side/runner.ts';
import { openThumbnailStore } from '../thumbnails/thumbnail-store.ts';
import { createSmallAnswerer } from './answerer.ts';
import { openObjectStore } from './objects.ts';
import { openOnce } from './open-once.ts';
import type { TaggingSettings } from './settings.ts';
import type { TagImageDependencies } from './tag-image.ts';
import { toTagSettings } from './tags.ts';

export interface TaggingDependencies extends TagImageDependencies {
  readonly classifier: () => Promise<Classifier>;
  /** Handles images side by side. */
  readonly runner: Runner;
  readonly s3: S3Client;
}

/**
 * Opens the real clients of one instance of a function that tags with the small model. The model is
 * opened when it is first needed.
 */
export function openTagging(variables: Variables, settings: TaggingSettings): TaggingDependencies {
  const limits = toDecodeLimits(settings);
  const conceptThreshold = settings.AUTOSWIFTNET_CONCEPT_THRESHOLD;
  const packageDir = join(settings.AUTOSWIFTNET_MODELS, settings.AUTOSWIFTNET_MODEL);
  const routes = toRouteSettings([settings.AUTOSWIFTNET_MODEL], settings);
  const classifier = openOnce(() => openClassifier(packageDir, { limits, conceptThreshold }));
  const runner = createRunner();
  const s3 = createS3Client(variables);
  const table = DynamoDBDocumentClient.from(new DynamoDBClient());
  return {
    s3,
    objects: openObjectStore(s3),
    thumbnails: openThumbnailStore(s3, settings.AUTOSWIFTNET_SERVICE_BUCKET),
    records: openRecordStore(table, settings.AUTOSWIFTNET_TABLE),
    publish: openResultsTopic(new SNSClient(), settings.AUTOSWIFTNET_RESULTS_TOPIC_ARN),
    classifier,
    answerer: createSmallAnswerer(
      settings.AUTOSWIFTNET_MODEL,
      classifier,
      {
        chooseRoute: (key, requestedByObject) =>
          chooseRoute({ requestedByCaller: null, requestedByObject, key }, routes),
        heavyModels: routes.heavy,
      },
      runner.processor,
    ),
    askHeavy: openHeavySender(variables, settings.AUTOSWIFTNET_HEAVY_QUEUE_URL),
    memory: runner.memory,
    runner,
    maxImageBytes: limits.maxBytes,
    now: () => new Date(),
    tags: toTagSettings(settings),
    indexThreshold: settings.AUTOSWIFTNET_INDEX_THRESHOLD,
  };
}
