import { readEnvironment, type Variables } from '../environment.ts';
import { openTagging, type TaggingDependencies, taggingEnvironmentSchema } from '../tagging/open-tagging.ts';

/** The variables of this function. */
export const tagUploadEnvironmentSchema = taggingEnvironmentSchema;

/**
 * Opens the real clients of one function instance. The model is opened when it is first needed.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function openDependencies(variables: Variables): TaggingDependencies {
  return openTagging(variables, readEnvironment(tagUploadEnvironmentSchema, variables));
}
