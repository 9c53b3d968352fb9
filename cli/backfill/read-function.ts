import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { environmentSchema, readEnvironment } from '../../functions/environment.ts';
import { type WatchedObjects, watchedObjects } from '../../functions/watched-objects.ts';
import type { AwsStack, BackfillParts } from '../deployment/deployment.ts';
import { callingServices } from '../deployment/service-error.ts';
import { IMAGE_ASSUMPTIONS } from '../estimates/assumptions.ts';

/** What an estimate needs to know of the deployed backfill function. */
export interface FunctionFacts {
  readonly memoryMb: number;
  /** Tags of an image: none, or label, confidence, model and what else is configured. */
  readonly tagsPerImage: number;
  /** What it tags of which buckets; the first bucket is that of a run that names none. */
  readonly watched: readonly WatchedObjects[];
}

const settingsSchema = environmentSchema.pick({
  AUTOSWIFTNET_BUCKET: true,
  AUTOSWIFTNET_WATCHED: true,
  AUTOSWIFTNET_TAG_LABELS: true,
  AUTOSWIFTNET_TAG_CONCEPT: true,
});

/** Confidence and model, beside the labels. */
const TAGS_BESIDE_LABELS = 2;

/**
 * Reads memory and settings of the backfill function.
 * @throws {ServiceRefusedError}
 */
export async function readFunction({
  functionName,
  region,
}: Pick<BackfillParts, 'functionName'> & Pick<AwsStack, 'region'>): Promise<FunctionFacts> {
  const lambda = new LambdaClient({ region });
  try {
    const { MemorySize, Environment } = await callingServices(['lambda:GetFunctionConfiguration'], () =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName })),
    );
    const settings = readEnvironment(settingsSchema, Environment?.Variables ?? {});
    const { AUTOSWIFTNET_TAG_LABELS: labels, AUTOSWIFTNET_TAG_CONCEPT: hasConcept } = settings;
    return {
      memoryMb: MemorySize ?? IMAGE_ASSUMPTIONS.memoryMb,
      tagsPerImage: labels === 0 ? 0 : TAGS_BESIDE_LABELS + labels + (hasConcept ? 1 : 0),
      watched: watchedObjects(settings),
    };
  } finally {
    lambda.destroy();
  }
}
