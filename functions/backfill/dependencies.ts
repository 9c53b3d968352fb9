import { environmentSchema, readEnvironment, type Variables } from '../environment.ts';
import { openTagging, type TaggingDependencies, taggingEnvironmentSchema } from '../tagging/open-tagging.ts';
import { openResultStore, type ResultStore } from './result-store.ts';

/** The variables of this function: those of the tagging function, and the bucket of its keys. */
export const backfillEnvironmentSchema = taggingEnvironmentSchema.extend(
  environmentSchema.pick({ AUTOSWIFTNET_BUCKET: true }).shape,
);

export interface BackfillDependencies extends Omit<TaggingDependencies, 's3'> {
  /** The bucket that runs are about. */
  readonly bucket: string;
  /** The small model's name. */
  readonly modelName: string;
  readonly results: ResultStore;
}

/**
 * Opens the real clients of one function instance. The model is opened when it is first needed.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function openDependencies(variables: Variables): BackfillDependencies {
  const settings = readEnvironment(backfillEnvironmentSchema, variables);
  const { s3, ...tagging } = openTagging(variables, settings);
  return {
    ...tagging,
    bucket: settings.AUTOSWIFTNET_BUCKET,
    modelName: settings.AUTOSWIFTNET_MODEL,
    results: openResultStore(s3, settings.AUTOSWIFTNET_SERVICE_BUCKET),
  };
}
