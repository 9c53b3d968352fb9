import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  ExecutionProviderError,
  InvalidArgumentError,
  InvalidPackageError,
  NativePackageError,
  type PackageFault,
} from './errors.ts';
import { GRAPH_FILE, INPUT_SIDE, type Manifest, WEIGHTS_FILE } from './manifest.ts';
import { messageOf } from './message-of.ts';
import { checkSelfTest, selfTestImage } from './self-test.ts';

type OnnxRuntime = typeof import('onnxruntime-node');

export type Optimization = 'disabled' | 'basic' | 'extended' | 'all';

/**
 * The execution providers, usually the fastest first. Of those for GPUs, only webgpu is part of the
 * npm package.
 */
export const EXECUTION_PROVIDERS = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const;

export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

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
   * Default true. False only for the converter, which records what the self-test expects, and for
   * `models verify`, which reports the difference.
   */
  readonly selfTest?: boolean;
}

/** A model loaded into memory. */
export interface ModelSession {
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

export interface ProviderRefusal {
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

export interface LogitsAndFeatures {
  /** float32 [count, classes], before softmax */
  readonly logits: Float32Array;
  /** float32 [count, channels, 7, 7] (image, channel, row, column), after the last ReLU */
  readonly features: Float32Array;
}

const INPUT = 'image';
const OUTPUT = 'logits';
const FEATURES = 'features';

/**
 * Lambda memory that comes with one full vCPU, in MB:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const MEMORY_MB_PER_VCPU = 1769;

/** Log errors only: what matters in a warning is checked by the self-test. */
const LOG_SEVERITY_ERROR = 3;

/**
 * Lambda bills a thread that spins while it waits, and the spinning takes the core from other work.
 */
const SESSION_CONFIG = { intra_op: { allow_spinning: '0' } };

const require = createRequire(import.meta.url);

/**
 * Returns as many threads as Lambda's memory setting pays for, at least 1. Outside Lambda it is 1,
 * because there one process runs per core.
 */
export function defaultThreads(memoryMb: string | undefined = process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']): number {
  return Math.max(1, Math.floor(Number(memoryMb ?? 0) / MEMORY_MB_PER_VCPU) || 1);
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
  const { providers = ['cpu'], selfTest = true } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InvalidArgumentError(
      `expected a positive whole number for threads, received ${threads} of type ${typeof threads}`,
    );
  }
  if (providers.length === 0) {
    throw new InvalidArgumentError('expected at least one execution provider for providers, received an empty list');
  }
  await requireFiles(packageDir, manifest);
  const runtime = loadRuntime();
  const told = runtimeOptions({ threads, optimization, exactInt8 });
  const { session, provider, refusals } = await createSession(runtime, packageDir, providers, told);
  const infer = inferWith(runtime, session);
  const model: ModelSession = {
    provider,
    refusals,
    async run(pixels, count) {
      return floatsOf(OUTPUT, await infer(pixels, count, [OUTPUT]));
    },
    async runWithFeatures(pixels, count) {
      requireFeatures(packageDir, session);
      const outputs = await infer(pixels, count, [OUTPUT, FEATURES]);
      return { logits: floatsOf(OUTPUT, outputs), features: floatsOf(FEATURES, outputs) };
    },
    release: () => session.release(),
  };
  try {
    requireInterface(packageDir, manifest, session);
    if (selfTest)
      checkSelfTest(await model.run(selfTestImage(manifest.selfTest.seed), 1), manifest.selfTest, packageDir);
  } catch (error) {
    await session.release();
    throw error;
  }
  return model;
}

/** A graph whose inner tensors can be read, as floats. */
export interface Probe {
  /**
   * Runs the graph and returns the tensors.
   * @param pixels uint8 [count, 224, 224, 3]
   * @returns the elements of each tensor, row-major, in the order of the names
   */
  run(pixels: Uint8Array, count: number): Promise<Float32Array[]>;
  release(): Promise<void>;
}

/**
 * Opens a graph, with its weights mapped from disk, to read the float tensors `names` among its
 * outputs. It is for calibration only; openSession gives answers.
 * @param folder holds model.onnx and weights.bin
 * @throws {InvalidPackageError} when the folder does not hold such a graph
 */
export async function openProbe(folder: string, names: readonly string[]): Promise<Probe> {
  const runtime = loadRuntime();
  const options = runtimeOptions({ threads: defaultThreads(), optimization: 'extended', exactInt8: false });
  const { session } = await createSession(runtime, folder, ['cpu'], options);
  const infer = inferWith(runtime, session);
  return {
    async run(pixels, count) {
      const outputs = await infer(pixels, count, names);
      return names.map((name) => floatsOf(name, outputs));
    },
    release: () => session.release(),
  };
}

/** Returns the options for onnxruntime-node, except the provider. Benchmarks change single ones. */
export function runtimeOptions({
  threads,
  optimization,
  exactInt8,
}: Required<Pick<SessionOptions, 'threads' | 'optimization' | 'exactInt8'>>): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimization,
    logSeverityLevel: LOG_SEVERITY_ERROR,
    extra: { session: { ...SESSION_CONFIG, ...(exactInt8 ? { x64quantprecision: '1' } : {}) } },
  };
}

function inferWith(runtime: OnnxRuntime, session: InferenceSession) {
  return (pixels: Uint8Array, count: number, outputs: readonly string[]) =>
    session.run({ [INPUT]: new runtime.Tensor('uint8', pixels, [count, INPUT_SIDE, INPUT_SIDE, 3]) }, outputs);
}

function floatsOf(name: string, outputs: InferenceSession.OnnxValueMapType): Float32Array {
  const { data } = outputs[name] as Tensor;
  if (!(data instanceof Float32Array)) throw new TypeError(`the output ${name} is not a float32 tensor`);
  return data;
}

function loadRuntime(): OnnxRuntime {
  // Since version 1.30 it reports to Microsoft which models are opened on which machine. That must
  // not happen unasked.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  try {
    return require('onnxruntime-node');
  } catch (cause) {
    throw new NativePackageError('onnxruntime-node', cause);
  }
}

/**
 * Checks only the files' sizes, which costs nothing. Hashing hundreds of megabytes is the job of
 * `models verify`.
 */
async function requireFiles(packageDir: string, { files }: Manifest): Promise<void> {
  const faults: PackageFault[] = [];
  for (const name of [GRAPH_FILE, WEIGHTS_FILE] as const) {
    const size = await stat(join(packageDir, name)).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) faults.push({ code: 'no-file', message: `${name} is missing or cannot be read` });
    else if (size !== files[name].bytes) {
      faults.push({
        code: 'file-size',
        message: `${name} has ${size} bytes, but the manifest says ${files[name].bytes}`,
      });
    }
  }
  if (faults.length > 0) throw new InvalidPackageError(packageDir, faults);
}

interface Created {
  readonly session: InferenceSession;
  readonly provider: ExecutionProvider;
  readonly refusals: readonly ProviderRefusal[];
}

async function createSession(
  runtime: OnnxRuntime,
  packageDir: string,
  providers: readonly ExecutionProvider[],
  options: InferenceSession.SessionOptions,
): Promise<Created> {
  const refusals: ProviderRefusal[] = [];
  for (const provider of providers) {
    try {
      const session = await runtime.InferenceSession.create(join(packageDir, GRAPH_FILE), {
        ...options,
        executionProviders: provider === 'tensorrt' ? ['tensorrt', 'cuda'] : [provider],
      });
      return { session, provider, refusals };
    } catch (cause) {
      const reason = messageOf(cause);
      // The CPU provider always works, so a graph that it cannot open is at fault itself.
      if (provider === 'cpu') {
        const message = `${GRAPH_FILE} cannot be opened: ${reason}`;
        throw new InvalidPackageError(packageDir, [{ code: 'graph', message }], cause);
      }
      refusals.push({ provider, reason });
    }
  }
  const reasons = refusals.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ');
  throw new ExecutionProviderError(
    `none of the requested execution providers works on this machine (${reasons}). Install the GPU's driver and libraries, or add cpu to the requested providers.`,
  );
}

function requireFeatures(packageDir: string, session: InferenceSession): void {
  if (session.outputNames.includes(FEATURES)) return;
  const message = `${GRAPH_FILE} has no output ${FEATURES}, which activation maps need; its outputs are ${session.outputNames.join(', ')}`;
  throw new InvalidPackageError(packageDir, [{ code: 'graph-interface', message }]);
}

/**
 * Checks the inputs and outputs that the converter and the classifier agreed on. More outputs may
 * follow them.
 */
function requireInterface(packageDir: string, { classes }: Manifest, session: InferenceSession): void {
  const expected = `input ${INPUT} uint8 [N, ${INPUT_SIDE}, ${INPUT_SIDE}, 3], first output ${OUTPUT} float32 [N, ${classes}]`;
  const found = `${session.inputMetadata.map((one) => `input ${describe(one)}`).join(', ')}, first output ${session.outputMetadata.slice(0, 1).map(describe).join()}`;
  if (found !== expected) {
    throw new InvalidPackageError(packageDir, [
      { code: 'graph-interface', message: `${GRAPH_FILE} has ${found}, expected ${expected}` },
    ]);
  }
}

function describe(metadata: InferenceSession.ValueMetadata): string {
  if (!metadata.isTensor) return `${metadata.name} (not a tensor)`;
  const [batch, ...rest] = metadata.shape;
  return `${metadata.name} ${metadata.type} [${[typeof batch === 'string' ? 'N' : batch, ...rest].join(', ')}]`;
}
