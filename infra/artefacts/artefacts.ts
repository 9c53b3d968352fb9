import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DEFAULT_SMALL_MODEL,
  environmentSchema,
  LOCAL_MODELS_DIR,
  readEnvironment,
  type Variables,
} from '../../functions/environment.ts';
import { requireWithinBudget } from '../../layers/budget.ts';
import { bundleFunction, type FunctionCode } from '../../layers/function-code.ts';
import { buildModelLayer } from '../../layers/model-layer.ts';
import { buildRuntimeLayer } from '../../layers/runtime-layer.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { DEFAULT_HEAVY_MODEL } from '../configuration/default-heavy-model.ts';
import { type ChosenPackage, choosePackage } from './choose-package.ts';
import { type ImageContext, workerContext } from './image-context.ts';
import { requireMemory } from './memory.ts';
import { ModelPackage } from './model-package.ts';
import { buildPageFolder } from './page-folder.ts';
import { FUNCTION_NAMES, type FunctionName, MODEL_FUNCTION_NAMES, type ServiceCode } from './service-code.ts';

/** Everything that is uploaded. It is on disk before the stack is built. */
export interface Artefacts {
  readonly code: ServiceCode;
  readonly model: ModelPackage;
  /** Empty without the GPU. */
  readonly heavyPackages: readonly ModelPackage[];
  readonly workerImage: ImageContext;
  /** Messages for the person who deploys. */
  readonly notices: readonly string[];
}

const LAYERS_CACHE = fileURLToPath(new URL('../../layers/cache', import.meta.url));
const BUNDLES_CACHE = fileURLToPath(new URL('../cache', import.meta.url));

/**
 * Builds what the configuration asks for. It needs npm's registry only if the runtime layer is not
 * in the cache, and nothing else from the network.
 * @throws {ConfigurationError} when the model cannot be deployed like this, or needs more memory
 * @throws {LayerBuildError} when npm cannot install the packages of the runtime layer
 * @throws {LayerBudgetError} when a function and its layers are too large
 */
export async function buildArtefacts(
  configuration: Configuration,
  variables: Variables = process.env,
): Promise<Artefacts> {
  const modelsDir = modelsDirOf(variables);
  const small = await choosePackage({
    key: 'model',
    requestedModel: configuration.model,
    preferred: DEFAULT_SMALL_MODEL,
    modelsDir,
  });
  requireMemory(small.manifest, configuration);
  const heavy = await chooseHeavy(configuration, modelsDir);
  const model = ModelPackage.fromFolder(small.packageDir);
  const modelLayer = buildModelLayer(model, LAYERS_CACHE);
  const runtimeLayer = buildRuntimeLayer({ architecture: configuration.architecture, cacheDir: LAYERS_CACHE });
  const functions: Partial<Record<FunctionName, FunctionCode>> = {};
  for (const name of FUNCTION_NAMES) {
    functions[name] = await bundleFunction(name, BUNDLES_CACHE);
  }
  const codes = functions as Record<FunctionName, FunctionCode>;
  for (const name of MODEL_FUNCTION_NAMES) requireWithinBudget(name, [codes[name], runtimeLayer, modelLayer]);
  return {
    code: {
      functions: codes,
      page: configuration.page ? await buildPageFolder(BUNDLES_CACHE) : null,
      runtimeLayer: () => runtimeLayer,
      modelLayer: () => modelLayer,
    },
    model,
    heavyPackages: heavy === null ? [] : [ModelPackage.fromFolder(heavy.packageDir)],
    workerImage: workerContext(),
    notices: [small.notice, heavy?.notice ?? null].filter((notice) => notice !== null),
  };
}

/**
 * Finds the folder of the packages. If AUTOSWIFTNET_MODELS is unset, it is `models/cache` of the
 * clone, whatever the working directory.
 */
function modelsDirOf(variables: Variables): string {
  const { AUTOSWIFTNET_MODELS: folder } = readEnvironment(
    environmentSchema.pick({ AUTOSWIFTNET_MODELS: true }),
    variables,
  );
  return folder === LOCAL_MODELS_DIR ? fileURLToPath(new URL(`../../${folder}`, import.meta.url)) : resolve(folder);
}

/** Chooses the heavy package, or returns null without the GPU. */
async function chooseHeavy({ gpu, heavyModel }: Configuration, modelsDir: string): Promise<ChosenPackage | null> {
  if (!gpu) return null;
  return choosePackage({ key: 'heavyModel', requestedModel: heavyModel, preferred: DEFAULT_HEAVY_MODEL, modelsDir });
}
