import { readEnvironment, type Variables } from '../environment.ts';
import { openTagging, type TaggingDependencies } from '../tagging/open-tagging.ts';
import { type WatchedObjects, watchedObjects } from '../watched-objects.ts';
import { openResultStore, type ResultStore } from './result-store.ts';
import { backfillEnvironmentSchema } from './settings.ts';

export interface BackfillDependencies extends Omit<TaggingDependencies, 's3'> {
  /** What is watched. A run is about the first bucket unless it names another. */
  readonly watched: readonly WatchedObjects[];
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
    watched: watchedObjects(settings),
    modelName: settings.AUTOSWIFTNET_MODEL,
    results: openResultStore(s3, settings.AUTOSWIFTNET_SERVICE_BUCKET),
  };
}
