import { readEnvironment, type Variables } from '../environment.ts';
import { openTagging, type TaggingDependencies } from '../tagging/open-tagging.ts';
import { tagUploadEnvironmentSchema } from './settings.ts';

/**
 * Opens the real clients of one function instance. The model is opened when it is first needed.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function openDependencies(variables: Variables): TaggingDependencies {
  return openTagging(variables, readEnvironment(tagUploadEnvironmentSchema, variables));
}
