import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { InvalidArgumentError, InvalidPackageError, type PackageFault } from './errors.ts';
import { CUDA_GRAPH_FILE, GRAPH_FILE, INPUT_SIDE, type Manifest, WEIGHTS_FILE } from './manifest.ts';
import {
  type ExecutionProvider,
  type GraphFile,
  INPUT,
  type OpenGraph,
  type Optimization,
  openGraph,
  type ProviderRefusal,
} from './onnx-runtime.ts';
import { checkSelfTest, selfTestImage } from './self-test.ts';

export interface SessionOptions {
  /** Threads that one run uses. Default: `defaultThreads()`. */
  readonly threads?: number;
  /**
   * Default `all`: runs are fastest, but the weights are copied into the CPU's own layout.
   * `extended` uses the weights where they are mapped: it needs little memory and opens quickly,
   * but runs slower.
   */
  readonly optimization?: Optimization;
  /**
   * Tried in this order; the first one that works on this machine is used. Default: cpu alone.
   * onnxruntime-node itself does not try the next one, it throws when a provider is missing.
   */
  readonly providers?: readonly ExecutionProvider[];
  /**
   * Only for int8 on x64: multiplies in 16 bits, which cannot saturate with any weights but takes
   * 2.3 times as long (ONNX Runtime's session.x64quantprecision). Default false: weights of 7 bits
   * cannot saturate either.
   */
  readonly exactInt8?: boolean;
  /**
   * Default false: on `cuda`, a package's graph for CUDA is used if it has one. True: `model.onnx`
   * is used, which every provider knows, and which takes twice as long there.
   */
  readonly plainGraph?: boolean;
  /**
   * Default true. False only for the converter, which records what the self-test expects, and for
   * `models verify`, which reports the difference.
   */
  readonly selfTest?: boolean;
}

/** A model loaded into memory. */
export interface ModelSession {
  /** The graph in use. */
  readonly graph: GraphFile;
  readonly provider: ExecutionProvider;
  /** The providers that were tried before it, and why they do not work on this machine. */
  readonly refusals: readonly ProviderRefusal[];
  /**
   * Runs the model on `count` images at once.
   * @param pixels uint8 [count, 224, 224, 3] (image, height, width, RGB)
   * @returns float32 [count, classes], before softmax
   */
  run(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /**
   * The same run, which also returns the last convolution's output.
   * @throws {InvalidPackageError} when the graph has no such output
   */
  runWithFeatures(pixels: Uint8Array, count: number): Promise<LogitsAndFeatures>;
  /** Frees the model. Wait for the run in progress before calling it. */
  release(): Promise<void>;
}

export interface LogitsAndFeatures {
  /** float32 [count, classes], before softmax */
  readonly logits: Float32Array;
  /** float32 [count, channels, 7, 7] (image, channel, row, column), after the last ReLU */
  readonly features: Float32Array;
}

const OUTPUT = 'logits';
const FEATURES = 'features';

/**
 * Lambda memory that comes with one full vCPU, in MB:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const MEMORY_MB_PER_VCPU = 1769;

/**
 * Returns as many threads as Lambda's memory setting pays for, at least 1. Outside Lambda it is 1,
 * because there one process runs per core.
 */
export function defaultThreads(memoryMb: string | undefined = process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']): number {
  return Math.max(1, Math.floor(Number(memoryMb ?? 0) / MEMORY_MB_PER_VCPU) || 1);
}

/**
 * Returns the graph that a provider runs. TensorRT does not know the operators of the one for CUDA.
 */
export function graphFileFor(
  provider: ExecutionProvider,
  { files }: Pick<Manifest, 'files'>,
  plainGraph = false,
): GraphFile {
  return provider === 'cuda' && !plainGraph && files[CUDA_GRAPH_FILE] ? CUDA_GRAPH_FILE : GRAPH_FILE;
}

/**
 * Opens a package's graph with its weights mapped from disk, and runs its self-test, which also
 * warms it up.
 * @throws {InvalidPackageError} when files are missing, have another size than the manifest says,
 *   or are not such a graph
 * @throws {SelfTestError} when the results differ from those that the converter recorded
 * @throws {ExecutionProviderError} when none of `providers` works on this machine
 * @throws {InvalidArgumentError} when `threads` is not a positive whole number or `providers` is
 *   empty
 * @throws {NativePackageError} when onnxruntime-node has no binary for this platform
 */
export async function openSession(
  packageDir: string,
  manifest: Manifest,
  options: SessionOptions = {},
): Promise<ModelSession> {
  const { threads = defaultThreads(), optimization = 'all', exactInt8 = false } = options;
  const { providers = ['cpu'], plainGraph = false, selfTest = true } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InvalidArgumentError(
      `expected a positive whole number for threads, received ${threads} of type ${typeof threads}`,
    );
  }
  if (providers.length === 0) {
    throw new InvalidArgumentError('expected at least one execution provider for providers, received an empty list');
  }
  const fileFor = (provider: ExecutionProvider) => graphFileFor(provider, manifest, plainGraph);
  await requireFiles(packageDir, manifest, [...new Set(providers.map(fileFor)), WEIGHTS_FILE]);
  const graph = await openGraph(packageDir, providers, fileFor, { threads, optimization, exactInt8 });
  const model: ModelSession = {
    graph: graph.file,
    provider: graph.provider,
    refusals: graph.refusals,
    async run(pixels, count) {
      const [logits] = await graph.run(pixels, count, [OUTPUT]);
      return logits;
    },
    async runWithFeatures(pixels, count) {
      requireFeatures(packageDir, graph);
      const [logits, features] = await graph.run(pixels, count, [OUTPUT, FEATURES]);
      return { logits, features };
    },
    release: graph.release,
  };
  try {
    requireInterface(packageDir, manifest, graph);
    if (selfTest)
      checkSelfTest(await model.run(selfTestImage(manifest.selfTest.seed), 1), manifest.selfTest, packageDir);
  } catch (error) {
    await graph.release();
    throw error;
  }
  return model;
}

/**
 * Checks only the files' sizes, which costs nothing. Hashing hundreds of megabytes is the job of
 * `models verify`.
 */
async function requireFiles(
  packageDir: string,
  { files }: Manifest,
  names: readonly (GraphFile | typeof WEIGHTS_FILE)[],
): Promise<void> {
  const faults: PackageFault[] = [];
  for (const name of names) {
    const size = await stat(join(packageDir, name)).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) faults.push({ code: 'no-file', message: `${name} is missing or cannot be read` });
    else if (size !== files[name]?.bytes) {
      faults.push({
        code: 'file-size',
        message: `${name} has ${size} bytes, but the manifest says ${files[name]?.bytes}`,
      });
    }
  }
  if (faults.length > 0) throw new InvalidPackageError(packageDir, faults);
}

function requireFeatures(packageDir: string, { file, outputs }: OpenGraph): void {
  const names = outputs.map(({ name }) => name);
  if (names.includes(FEATURES)) return;
  const message = `${file} has no output ${FEATURES}, which activation maps need; its outputs are ${names.join(', ')}`;
  throw new InvalidPackageError(packageDir, [{ code: 'graph-interface', message }]);
}

/**
 * Checks the inputs and outputs that the converter and the classifier agreed on. More outputs may
 * follow them.
 */
function requireInterface(packageDir: string, { classes }: Manifest, { file, inputs, outputs }: OpenGraph): void {
  const expected = `input ${INPUT} uint8 [N, ${INPUT_SIDE}, ${INPUT_SIDE}, 3], first output ${OUTPUT} float32 [N, ${classes}]`;
  const found = `${inputs.map((one) => `input ${describe(one)}`).join(', ')}, first output ${outputs.slice(0, 1).map(describe).join()}`;
  if (found !== expected) {
    throw new InvalidPackageError(packageDir, [
      { code: 'graph-interface', message: `${file} has ${found}, expected ${expected}` },
    ]);
  }
}

function describe(metadata: InferenceSession.ValueMetadata): string {
  if (!metadata.isTensor) return `${metadata.name} (not a tensor)`;
  const [batch, ...rest] = metadata.shape;
  return `${metadata.name} ${metadata.type} [${[typeof batch === 'string' ? 'N' : batch, ...rest].join(', ')}]`;
}
