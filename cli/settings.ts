import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DecodeLimits } from '../classifier/types.ts';
import { toDecodeLimits } from '../functions/decode-limits.ts';
import { environmentSchema, LOCAL_MODELS_DIR, readEnvironment, type Variables } from '../functions/environment.ts';

/** The settings that every command reads from the environment. */
export interface Settings {
  /** Absolute path of the folder that holds the model packages. */
  readonly modelsDir: string;
  /** The model to use if the command line names none. */
  readonly model: string | undefined;
  /** The heavy model that `start` uses if the command line names none. */
  readonly heavyModel: string | undefined;
  /** Further heavy models that `start` uses. */
  readonly furtherHeavyModels: readonly string[];
  /** Never downloads a model on its own. */
  readonly offline: boolean;
  readonly limits: Required<DecodeLimits>;
  /** The hedged concept of an answer is at least this probable, 0 to 1. */
  readonly conceptThreshold: number;
}

/** The environment variables that the command line reads itself. */
export const commandLineSchema = environmentSchema.pick({
  AUTOSWIFTNET_MODELS: true,
  AUTOSWIFTNET_MODEL: true,
  AUTOSWIFTNET_HEAVY_MODEL: true,
  AUTOSWIFTNET_HEAVY_MODELS: true,
  AUTOSWIFTNET_OFFLINE: true,
  AUTOSWIFTNET_MAX_IMAGE_BYTES: true,
  AUTOSWIFTNET_MAX_IMAGE_PIXELS: true,
  AUTOSWIFTNET_HEIC: true,
  AUTOSWIFTNET_CONCEPT_THRESHOLD: true,
});

/**
 * Reads the settings from the environment. If AUTOSWIFTNET_MODELS is unset, a clone keeps its
 * packages in its own `models/cache`, whatever the working directory. The published package keeps
 * them in `models/cache` of the working directory, because node_modules is no place for data.
 * @throws {ConfigurationError} naming every variable that is wrong
 */
export function readSettings(variables: Variables = process.env): Settings {
  const parsed = readEnvironment(commandLineSchema, variables);
  return {
    modelsDir: variables['AUTOSWIFTNET_MODELS'] ? resolve(parsed.AUTOSWIFTNET_MODELS) : defaultModelsDir(),
    model: variables['AUTOSWIFTNET_MODEL'] ? parsed.AUTOSWIFTNET_MODEL : undefined,
    heavyModel: parsed.AUTOSWIFTNET_HEAVY_MODEL ?? undefined,
    furtherHeavyModels: parsed.AUTOSWIFTNET_HEAVY_MODELS,
    offline: parsed.AUTOSWIFTNET_OFFLINE,
    limits: toDecodeLimits(parsed),
    conceptThreshold: parsed.AUTOSWIFTNET_CONCEPT_THRESHOLD,
  };
}

function defaultModelsDir(): string {
  const isClone = import.meta.url.endsWith('.ts');
  return isClone ? fileURLToPath(new URL(`../${LOCAL_MODELS_DIR}`, import.meta.url)) : resolve(LOCAL_MODELS_DIR);
}
