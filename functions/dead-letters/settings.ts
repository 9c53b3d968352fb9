import { environmentSchema } from '../environment.ts';

/** The variables of this function. */
export const deadLettersEnvironmentSchema = environmentSchema.pick({
  AUTOSWIFTNET_MODEL: true,
  AUTOSWIFTNET_TABLE: true,
  AUTOSWIFTNET_SERVICE_BUCKET: true,
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: true,
  AUTOSWIFTNET_TAG_LABELS: true,
  AUTOSWIFTNET_TAG_THRESHOLD: true,
  AUTOSWIFTNET_TAG_CONCEPT: true,
  AUTOSWIFTNET_INDEX_THRESHOLD: true,
  AUTOSWIFTNET_TAGGING_FUNCTION: true,
  AUTOSWIFTNET_PARKED_QUEUE_URL: true,
  AUTOSWIFTNET_STACK: true,
});
