import { type Environment, environmentSchema } from '../environment.ts';

/**
 * The variables of a function that tags with the small model, with their defaults. Those without a
 * default are set by the CDK app or the local stack.
 */
export const taggingEnvironmentSchema = environmentSchema.pick({
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

export type TaggingSettings = Pick<Environment, keyof typeof taggingEnvironmentSchema.shape>;
