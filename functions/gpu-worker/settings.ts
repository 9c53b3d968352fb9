import { availableParallelism } from 'node:os';
import type { ExecutionProvider } from '../../classifier/onnx-runtime.ts';
import { type Environment, environmentSchema, readEnvironment, type Variables } from '../environment.ts';
import { ConfigurationError } from '../errors.ts';

/**
 * The variables of this program, with their defaults. Those without a default are set by the CDK
 * app or the local stack.
 */
export const gpuWorkerEnvironmentSchema = environmentSchema
  .pick({
    AUTOSWIFTNET_MODELS: true,
    AUTOSWIFTNET_HEAVY_MODEL: true,
    AUTOSWIFTNET_HEAVY_MODELS: true,
    AUTOSWIFTNET_CONCEPT_THRESHOLD: true,
    AUTOSWIFTNET_HEAVY_PACKAGES: true,
    AUTOSWIFTNET_MODEL_CACHE: true,
    AUTOSWIFTNET_MODEL_MEMORY_MB: true,
    AUTOSWIFTNET_TABLE: true,
    AUTOSWIFTNET_SERVICE_BUCKET: true,
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: true,
    AUTOSWIFTNET_TAG_LABELS: true,
    AUTOSWIFTNET_TAG_THRESHOLD: true,
    AUTOSWIFTNET_TAG_CONCEPT: true,
    AUTOSWIFTNET_INDEX_THRESHOLD: true,
    AUTOSWIFTNET_MAX_IMAGE_BYTES: true,
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: true,
    AUTOSWIFTNET_HEIC: true,
    AUTOSWIFTNET_STACK: true,
    AUTOSWIFTNET_PROVIDERS: true,
    AUTOSWIFTNET_THREADS: true,
    AUTOSWIFTNET_BATCH_SIZE: true,
    AUTOSWIFTNET_BATCH_WAIT_MS: true,
    AUTOSWIFTNET_HANDLERS: true,
    AUTOSWIFTNET_WORKER_PORT: true,
    AUTOSWIFTNET_WORKER_PORT_FILE: true,
    AUTOSWIFTNET_STOP_SECONDS: true,
    AUTOSWIFTNET_VISIBILITY_SECONDS: true,
    AUTOSWIFTNET_RETRY_SECONDS: true,
  })
  .extend({ AUTOSWIFTNET_HEAVY_QUEUE_URL: environmentSchema.shape.AUTOSWIFTNET_HEAVY_QUEUE_URL.unwrap().unwrap() });

export type WorkerSettings = Pick<Environment, Exclude<SettingName, 'AUTOSWIFTNET_HEAVY_QUEUE_URL'>> & {
  readonly AUTOSWIFTNET_HEAVY_QUEUE_URL: string;
  /** Names of the models that this worker serves. The first one is opened at start. */
  readonly models: readonly [string, ...string[]];
  /** Threads for inference on the CPU. */
  readonly threads: number;
  /** Processes that handle messages. 1: the worker's own process does it. */
  readonly handlers: number;
};

/**
 * Cores that one process uses when it handles small pictures as fast as it can: one for JavaScript,
 * and less than one for its threads, which decode and collect garbage (docs/heavy-models.md).
 */
export const CORES_PER_HANDLER = 2;

type SettingName = keyof typeof gpuWorkerEnvironmentSchema.shape;

/**
 * Reads the settings of the worker.
 * @throws {ConfigurationError} naming every wrong variable, also when no heavy model is named
 */
export function readWorkerSettings(variables: Variables): WorkerSettings {
  const settings = readEnvironment(gpuWorkerEnvironmentSchema, variables);
  const { AUTOSWIFTNET_HEAVY_MODEL: first, AUTOSWIFTNET_HEAVY_MODELS: more } = settings;
  const named = [...(first === null ? [] : [first]), ...more, ...Object.keys(settings.AUTOSWIFTNET_HEAVY_PACKAGES)];
  const [model, ...others] = new Set(named);
  if (model === undefined) {
    throw new ConfigurationError(
      'environment variables: AUTOSWIFTNET_HEAVY_MODEL is not set. Set it to the name of the heavy model that the worker serves and start again.',
    );
  }
  const cores = availableParallelism();
  return {
    ...settings,
    models: [model, ...others],
    threads: settings.AUTOSWIFTNET_THREADS ?? cores,
    handlers: settings.AUTOSWIFTNET_HANDLERS ?? defaultHandlers(settings.AUTOSWIFTNET_PROVIDERS, cores),
  };
}

/**
 * Returns how many processes handle messages unless a setting says otherwise. The CPU provider
 * needs the cores itself.
 */
export function defaultHandlers([preferred]: readonly ExecutionProvider[], cores: number): number {
  return preferred === 'cpu' ? 1 : Math.ceil(cores / CORES_PER_HANDLER);
}
