import { environmentSchema } from '../environment.ts';
import { taggingEnvironmentSchema } from '../tagging/settings.ts';

/** The variables of this function: those of the tagging function, and the bucket of its keys. */
export const backfillEnvironmentSchema = taggingEnvironmentSchema.extend(
  environmentSchema.pick({ AUTOSWIFTNET_BUCKET: true }).shape,
);
