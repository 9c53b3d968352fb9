import type * as z from 'zod';
import type { EnvironmentName } from '../../functions/environment.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import type { Artefacts } from '../artefacts/artefacts.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { WorkQueue } from '../parts/work-queue.ts';

/** Values of environment variables, by the names that `functions/environment.ts` reads. */
export type FunctionVariables = Readonly<Partial<Record<EnvironmentName, string>>>;

/**
 * Selects the variables that a function reads. A function gets no other variable.
 * @param schema the schema of the function, such as `tagUploadEnvironmentSchema`
 * @throws {ConfigurationError} naming a variable that the function requires and that has no value
 */
export function variablesOf(schema: z.ZodObject, values: FunctionVariables): FunctionVariables {
  const given = new Map(Object.entries(values).filter(([name]) => name in schema.shape));
  for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
    if (!given.has(name) && !field.safeParse(undefined).success) {
      throw new ConfigurationError(`the stack has no value for ${name}, which one of its functions needs.`);
    }
  }
  return Object.fromEntries(given);
}

/** Variables that the configuration sets for every function. */
export function configuredVariables(configuration: Configuration, model: string): FunctionVariables {
  return {
    AUTOSWIFTNET_MODEL: model,
    AUTOSWIFTNET_TAG_LABELS: String(configuration.tagLabels),
    AUTOSWIFTNET_TAG_THRESHOLD: String(configuration.tagThreshold),
    AUTOSWIFTNET_TAG_CONCEPT: configuration.tagConcept ? '1' : '0',
    AUTOSWIFTNET_CONCEPT_THRESHOLD: String(configuration.conceptThreshold),
    AUTOSWIFTNET_INDEX_THRESHOLD: String(configuration.indexThreshold),
    AUTOSWIFTNET_MAX_IMAGE_BYTES: String(configuration.maxImageBytes),
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: String(configuration.maxImagePixels),
    ...(configuration.corsOrigins === undefined
      ? {}
      : { AUTOSWIFTNET_CORS_ORIGINS: configuration.corsOrigins.join(',') }),
    AUTOSWIFTNET_STACK: configuration.stackName,
    AUTOSWIFTNET_HEIC: configuration.heic ? '1' : '0',
    ...loginVariables(configuration),
  };
}

/** Variables of every function that sends to the heavy queue. */
export function heavyVariables(
  { modelRules, cascadeThreshold }: Configuration,
  { heavyPackages: [first, ...more] }: Artefacts,
  { queue }: WorkQueue,
): FunctionVariables {
  if (first === undefined) return {};
  return {
    AUTOSWIFTNET_HEAVY_MODEL: first.name,
    ...(more.length === 0 ? {} : { AUTOSWIFTNET_HEAVY_MODELS: more.map(({ name }) => name).join(',') }),
    AUTOSWIFTNET_HEAVY_QUEUE_URL: queue.queueUrl,
    AUTOSWIFTNET_MODEL_RULES: JSON.stringify(modelRules),
    AUTOSWIFTNET_CASCADE_THRESHOLD: String(cascadeThreshold),
  };
}

/**
 * Variables that tell the page how to get its tokens. The default client id is the first audience,
 * as with Cognito.
 */
function loginVariables({ jwtIssuer, jwtAudience, oidcClientId }: Configuration): FunctionVariables {
  const [audience] = jwtAudience ?? [];
  const clientId = oidcClientId ?? audience;
  if (jwtIssuer === undefined || audience === undefined || clientId === undefined) return {};
  return {
    AUTOSWIFTNET_OIDC_ISSUER: jwtIssuer,
    AUTOSWIFTNET_OIDC_CLIENT_ID: clientId,
    ...(audience === clientId ? {} : { AUTOSWIFTNET_OIDC_AUDIENCE: audience }),
  };
}
