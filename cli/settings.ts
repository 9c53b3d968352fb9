import { resolve } from 'node:path';
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
 * Reads the environment. Without AUTOSWIFTNET_MODELS, packages live in `models/cache`: of the clone, whatever the working directory;
 * or, for the published package, of the working directory, because node_modules is no place for data.
 * @throws {ConfigurationError} naming every variable at fault
 */
export function readSettings(variables: Variables = process.env): Settings {
  const parsed = readEnvironment(commandLineSchema, variables);
  return {
    modelsDir: variables['AUTOSWIFTNET_MODELS'] ? resolve(parsed.AUTOSWIFTNET_MODELS) : defaultModelsDir(),
    model: variables['AUTOSWIFTNET_MODEL'] ? parsed.AUTOSWIFTNET_MODEL : undefined,
    heavyModel: parsed.AUTOSWIFTNET_HEAVY_MODEL ?? undefined,
    offline: parsed.AUTOSWIFTNET_OFFLINE,
    limits: { maxBytes: parsed.AUTOSWIFTNET_MAX_IMAGE_BYTES, maxPixels: parsed.AUTOSWIFTNET_MAX_IMAGE_PIXELS },
  };
}

function defaultModelsDir(): string {
  const isClone = import.meta.url.endsWith('.ts');
  return isClone ? fileURLToPath(new URL(`../${LOCAL_MODELS_DIR}`, import.meta.url)) : resolve(LOCAL_MODELS_DIR);
}
