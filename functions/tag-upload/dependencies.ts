import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Classifier, openClassifier } from '../../classifier/classifier.ts';
import { toDecodeLimits } from '../decode-limits.ts';
import { environmentSchema, readEnvironment, type Variables } from '../environment.ts';
import { openResultsTopic } from '../records/results.ts';
import { openRecordStore } from '../records/store.ts';
import { openHeavySender } from '../routing/heavy-sender.ts';
import { chooseRoute } from '../routing/route.ts';
import { toRouteSettings } from '../routing/route-settings.ts';
import { createS3Client } from '../s3-client.ts';
import { createRunner, type Runner } from '../side-by-side/runner.ts';
import { createSmallAnswerer } from '../tagging/answerer.ts';
import { openObjectStore } from '../tagging/objects.ts';
import { openOnce } from '../tagging/open-once.ts';
import type { TagImageDependencies } from '../tagging/tag-image.ts';
import { toTagSettings } from '../tagging/tags.ts';
import { openThumbnailStore } from '../thumbnails/thumbnail-store.ts';

/**
 * The variables of this function, with their defaults. Those without a default are set by the CDK
 * app or the local stack.
 */
export const tagUploadEnvironmentSchema = environmentSchema.pick({
  AUTOSWIFTNET_MODELS: true,
  AUTOSWIFTNET_MODEL: true,
  AUTOSWIFTNET_HEAVY_MODEL: true,
  AUTOSWIFTNET_HEAVY_MODELS: true,
  AUTOSWIFTNET_HEAVY_QUEUE_URL: true,
  AUTOSWIFTNET_MODEL_RULES: true,
  AUTOSWIFTNET_CASCADE_THRESHOLD: true,
  AUTOSWIFTNET_TABLE: true,
  AUTOSWIFTNET_SERVICE_BUCKET: true,
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: true,
  AUTOSWIFTNET_TAG_LABELS: true,
  AUTOSWIFTNET_TAG_THRESHOLD: true,
  AUTOSWIFTNET_TAG_CONCEPT: true,
  AUTOSWIFTNET_INDEX_THRESHOLD: true,
  AUTOSWIFTNET_CONCEPT_THRESHOLD: true,
  AUTOSWIFTNET_MAX_IMAGE_BYTES: true,
  AUTOSWIFTNET_MAX_IMAGE_PIXELS: true,
  AUTOSWIFTNET_HEIC: true,
  AUTOSWIFTNET_STACK: true,
});

export interface TagUploadDependencies extends TagImageDependencies {
  readonly classifier: () => Promise<Classifier>;
  /** Handles messages side by side. */
  readonly runner: Runner;
}

/**
 * Opens the real clients of one function instance. The model is opened when it is first needed.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function openDependencies(variables: Variables): TagUploadDependencies {
  const settings = readEnvironment(tagUploadEnvironmentSchema, variables);
  const limits = toDecodeLimits(settings);
  const conceptThreshold = settings.AUTOSWIFTNET_CONCEPT_THRESHOLD;
  const packageDir = join(settings.AUTOSWIFTNET_MODELS, settings.AUTOSWIFTNET_MODEL);
  const routes = toRouteSettings([settings.AUTOSWIFTNET_MODEL], settings);
  const classifier = openOnce(() => openClassifier(packageDir, { limits, conceptThreshold }));
  const runner = createRunner();
  const s3 = createS3Client(variables);
  const table = DynamoDBDocumentClient.from(new DynamoDBClient());
  return {
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
