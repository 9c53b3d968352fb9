import { environmentSchema } from '../environment.ts';
import { taggingEnvironmentSchema } from '../tagging/settings.ts';

/** The variables of this function: those of the tagging function, and what is watched. */
export const backfillEnvironmentSchema = taggingEnvironmentSchema.extend(
  environmentSchema.pick({ AUTOSWIFTNET_BUCKET: true, AUTOSWIFTNET_WATCHED: true }).shape,
);
