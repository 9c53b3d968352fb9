import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentSchema, LOCAL_MODELS_DIR, readEnvironment, type Variables } from '../functions/environment.ts';

/** What every command takes from the environment. */
export interface Settings {
  /** The folder of model packages, absolute. */
  readonly modelsDir: string;
  /** The model to use where the command line names none. */
  readonly model: string | undefined;
  /** The heavy model that `start` has where the command line names none. */
  readonly heavyModel: string | undefined;
  /** Never download unasked. */
  readonly offline: boolean;
  readonly limits: { readonly maxBytes: number; readonly maxPixels: number };
}

const commandLineSchema = environmentSchema.pick({
  AUTOSWIFTNET_MODELS: true,
  AUTOSWIFTNET_MODEL: true,
  AUTOSWIFTNET_HEAVY_MODEL: true,
  AUTOSWIFTNET_OFFLINE: true,
  AUTOSWIFTNET_MAX_IMAGE_BYTES: true,
  AUTOSWIFTNET_MAX_IMAGE_PIXELS: true,
});

/**
 * Reads the environment. Without AUTOSWIFTNET_MODELS packages live in the clone's `models/cache`, whatever the working directory, and
 * for the published package in the user's cache folder: what npm installed is no place for data.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function readSettings(variables: Variables = process.env): Settings {
  const parsed = readEnvironment(commandLineSchema, variables);
  return {
    modelsDir: variables['AUTOSWIFTNET_MODELS'] ? resolve(parsed.AUTOSWIFTNET_MODELS) : defaultModelsDir(variables),
    model: variables['AUTOSWIFTNET_MODEL'] ? parsed.AUTOSWIFTNET_MODEL : undefined,
    heavyModel: parsed.AUTOSWIFTNET_HEAVY_MODEL ?? undefined,
    offline: parsed.AUTOSWIFTNET_OFFLINE,
    limits: { maxBytes: parsed.AUTOSWIFTNET_MAX_IMAGE_BYTES, maxPixels: parsed.AUTOSWIFTNET_MAX_IMAGE_PIXELS },
  };
}

function defaultModelsDir(variables: Variables): string {
  const isClone = import.meta.url.endsWith('.ts');
  if (isClone) return fileURLToPath(new URL(`../${LOCAL_MODELS_DIR}`, import.meta.url));
  return join(variables['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'autoswiftnet', 'models');
}
