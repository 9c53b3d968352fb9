import { fileURLToPath } from 'node:url';
import { DEFAULT_SMALL_MODEL, LOCAL_MODELS_DIR } from '../functions/environment.ts';
import { requireWithinBudget } from '../layers/budget.ts';
import { buildModelLayer } from '../layers/model-layer.ts';
import { buildRuntimeLayer, type Layer } from '../layers/runtime-layer.ts';
import { type ChosenPackage, choosePackage } from './choose-package.ts';
import type { Configuration } from './configuration.ts';
import { bundleFunction, type FunctionCode } from './function-code.ts';
import { requireMemory } from './memory.ts';

/** The Lambda functions, each a folder of `functions/`. */
export const FUNCTION_NAMES = ['tag-upload', 'api'] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** Everything that is uploaded, on disk, before a stack is made of it. */
export interface Artefacts {
  readonly runtimeLayer: Layer;
  readonly modelLayer: Layer;
  readonly model: Pick<ChosenPackage, 'name' | 'manifest'>;
  readonly functions: Readonly<Record<FunctionName, FunctionCode>>;
  /** What whoever deploys should know. */
  readonly notices: readonly string[];
}

/** Measured top of those that a GPU of 16 GB serves; the larger 32x16d scores less (timm). */
export const DEFAULT_HEAVY_MODEL = 'resnext101_32x8d_swsl';

const LAYERS_CACHE = fileURLToPath(new URL('../layers/cache', import.meta.url));
const BUNDLES_CACHE = fileURLToPath(new URL('cache', import.meta.url));
const MODELS_DIR = fileURLToPath(new URL(`../${LOCAL_MODELS_DIR}`, import.meta.url));

/**
 * Builds what the configuration asks for. Needs npm's registry when the runtime layer is not in the cache, nothing else ever.
 * @throws {ConfigurationError} on a model that cannot be deployed so, or too little memory for it
 * @throws {LayerBuildError} when npm cannot install the runtime layer's packages
 * @throws {LayerBudgetError} when a function and its layers are too large
 */
export async function buildArtefacts(configuration: Configuration, modelsDir = MODELS_DIR): Promise<Artefacts> {
  const small = await choosePackage({
    key: 'model',
    wanted: configuration.model,
    preferred: DEFAULT_SMALL_MODEL,
    modelsDir,
  });
  requireMemory(small.manifest, configuration.memoryMb);
  const modelLayer = await buildModelLayer(small.packageDir, LAYERS_CACHE);
  const runtimeLayer = await buildRuntimeLayer({ architecture: configuration.architecture, cacheDir: LAYERS_CACHE });
  const functions: Partial<Record<FunctionName, FunctionCode>> = {};
  for (const name of FUNCTION_NAMES) {
    const code = await bundleFunction(name, BUNDLES_CACHE);
    requireWithinBudget(name, [code, runtimeLayer, modelLayer]);
    functions[name] = code;
  }
  return {
    runtimeLayer,
    modelLayer,
    model: small,
    functions: functions as Record<FunctionName, FunctionCode>,
    notices: [small.notice].filter((notice) => notice !== null),
  };
}
