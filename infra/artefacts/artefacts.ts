import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST_FILE } from '../../classifier/manifest.ts';
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
import { requireIntact } from '../../layers/require-intact.ts';
import { buildRuntimeLayer } from '../../layers/runtime-layer.ts';
import { hashFile } from '../../models/package/hash-file.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { DEFAULT_HEAVY_MODEL } from '../configuration/default-heavy-model.ts';
import { type ChosenPackage, choosePackage } from './choose-package.ts';
import { type ImageContext, workerContext } from './image-context.ts';
import { requireMemory } from './memory.ts';
import type { ModelPackage } from './model-package.ts';
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
  const modelLayer = await buildModelLayer(small.packageDir, LAYERS_CACHE);
  const runtimeLayer = await buildRuntimeLayer({ architecture: configuration.architecture, cacheDir: LAYERS_CACHE });
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
    model: await toModelPackage(small),
    heavyPackages: heavy === null ? [] : [await toModelPackage(heavy)],
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

async function toModelPackage({ name, packageDir, manifest }: ChosenPackage): Promise<ModelPackage> {
  await requireIntact(packageDir, manifest);
  const listed = Object.entries(manifest.files).map(([file, { sha256 }]) => [file, sha256]);
  const manifestHash = await hashFile(join(packageDir, MANIFEST_FILE));
  return { name, packageDir, manifest, hashes: { [MANIFEST_FILE]: manifestHash, ...Object.fromEntries(listed) } };
}
