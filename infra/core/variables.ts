import type * as z from 'zod';
import type { EnvironmentName } from '../../functions/environment.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import type { CoreSettings } from './settings.ts';

/** Values of environment variables, by the names that `functions/environment.ts` reads. */
export type FunctionVariables = Readonly<Partial<Record<EnvironmentName, string>>>;

/**
 * Selects the variables that a function reads. A function gets no other variable.
 * @param schema the schema of the function, such as `tagUploadEnvironmentSchema`
 * @throws {ConfigurationError} naming a variable that the function requires and that has no value
 */
export function variablesOf(schema: z.ZodObject, values: FunctionVariables): FunctionVariables {
  const given = selectVariables(schema, values);
  for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    if (!(name in given) && !field.safeParse(undefined).success) {
      throw new ConfigurationError(`the stack has no value for ${name}, which one of its functions needs.`);
    }
  }
  return given;
}

/** Selects the variables that a function reads, of values that need not be all that it needs. */
export function selectVariables(schema: z.ZodObject, values: FunctionVariables): FunctionVariables {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name in schema.shape));
}

/** Variables that the shared settings give to every function. */
export function sharedVariables(name: string, settings: CoreSettings, model: string): FunctionVariables {
  return {
    AUTOSWIFTNET_MODEL: model,
    AUTOSWIFTNET_TAG_LABELS: String(settings.tagLabels),
    AUTOSWIFTNET_TAG_THRESHOLD: String(settings.tagThreshold),
    AUTOSWIFTNET_TAG_CONCEPT: settings.tagConcept ? '1' : '0',
    AUTOSWIFTNET_CONCEPT_THRESHOLD: String(settings.conceptThreshold),
    AUTOSWIFTNET_INDEX_THRESHOLD: String(settings.indexThreshold),
    AUTOSWIFTNET_MAX_IMAGE_BYTES: String(settings.maxImageBytes),
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: String(settings.maxImagePixels),
    ...(settings.corsOrigins === undefined ? {} : { AUTOSWIFTNET_CORS_ORIGINS: settings.corsOrigins.join(',') }),
    AUTOSWIFTNET_STACK: name,
    AUTOSWIFTNET_HEIC: settings.heic ? '1' : '0',
  };
}
