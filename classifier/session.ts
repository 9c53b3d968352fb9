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

/** What computes, usually the fastest first. Of those for GPUs, only webgpu comes with the npm package. */
export const EXECUTION_PROVIDERS = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const;

export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

export interface SessionOptions {
  /** Threads of one run. Default: `defaultThreads()`. */
  readonly threads?: number;
  /**
   * Default `all`: the fastest runs, for a copy of the weights in the CPU's own layout. `extended` leaves the weights where they are
   * mapped: little memory of its own, quick to open, slower to run.
   */
  readonly optimization?: Optimization;
  /**
   * Tried in this order; the first that can be used here computes. Default cpu alone. onnxruntime-node itself throws where a provider is
   * missing, it does not go on to the next.
   */
  readonly providers?: readonly ExecutionProvider[];
  /**
   * int8 on x64 only: multiplies in 16 bits, which cannot saturate whatever the weights, at 2.3 times the time (ONNX Runtime's
   * session.x64quantprecision). Default false: 7-bit weights cannot saturate either.
   */
  readonly exactInt8?: boolean;
  /** Default true. False only for the converter, which finds out what the self-test shall expect, and for `models verify`, which reports it. */
  readonly selfTest?: boolean;
}

/** A model in memory. */
export interface ModelSession {
  readonly provider: ExecutionProvider;
  /** Those before it in the order, and why they cannot be used here. */
  readonly refusals: readonly ProviderRefusal[];
  /**
   * @param pixels uint8 [count, 224, 224, 3] (image, height, width, RGB)
   * @returns float32 [count, classes], before softmax
   */
  run(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /**
   * The same run, with the last convolution's output beside the logits.
   * @throws {InvalidPackageError} when the graph does not give it
   */
  runWithFeatures(pixels: Uint8Array, count: number): Promise<LogitsAndFeatures>;
  /** Frees the model. The run in progress must have been awaited. */
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

/** Of Lambda memory that come with one full vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEMORY_MB_PER_VCPU = 1769;

/** Errors only: what matters of a warning is in the self-test. */
const LOG_SEVERITY_ERROR = 3;

/** A thread that spins while it waits is billed as if it worked, and takes the core from its neighbours. */
const SESSION_CONFIG = { intra_op: { allow_spinning: '0' } };

const require = createRequire(import.meta.url);

/** As many threads as Lambda's memory setting pays for, at least 1; elsewhere 1, one process a core. */
export function defaultThreads(memoryMb: string | undefined = process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']): number {
  return Math.max(1, Math.floor(Number(memoryMb ?? 0) / MEMORY_MB_PER_VCPU) || 1);
}

/**
 * Opens a package's graph, with its weights mapped from disk, and lets it pass its self-test, which also warms it up.
 * @throws {InvalidPackageError} when files are missing, of another size than the manifest says, or no such graph
 * @throws {SelfTestError} when it computes something else than the converter recorded
 * @throws {ExecutionProviderError} when none of `providers` can be used here
 * @throws {InvalidArgumentError} when `threads` is no positive whole number or `providers` is empty
 * @throws {NativePackageError} when onnxruntime-node has no binary here
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
    throw new InvalidArgumentError('expected at least one execution provider, received an empty list');
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

/** A graph that is looked into: of whatever tensors, as floats. */
export interface Probe {
  /**
   * @param pixels uint8 [count, 224, 224, 3]
   * @returns each tensor's elements, row-major, in the order of the names
   */
  run(pixels: Uint8Array, count: number): Promise<Float32Array[]>;
  release(): Promise<void>;
}

/**
 * Opens a graph with its weights left mapped, to see the float tensors `names` among its outputs. For calibration; answers come from
 * openSession.
 * @param folder that holds model.onnx and weights.bin
 * @throws {InvalidPackageError} when that is no such graph
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

/** What onnxruntime-node is told, but for the provider. Benchmarks change single ones. */
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
  // Since 1.30 it tells Microsoft which models are opened on what; nothing that is done here is anybody else's business.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  try {
    return require('onnxruntime-node');
  } catch (cause) {
    throw new NativePackageError('onnxruntime-node', cause);
  }
}

/** Hashes of hundreds of megabytes belong into `models verify`; a wrong size costs nothing to see. */
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
      // The CPU is everywhere: what cannot be opened on it is the graph's fault.
      if (provider === 'cpu') {
        const message = `${GRAPH_FILE} cannot be opened: ${reason}`;
        throw new InvalidPackageError(packageDir, [{ code: 'graph', message }], cause);
      }
      refusals.push({ provider, reason });
    }
  }
  throw new ExecutionProviderError(refusals);
}

function requireFeatures(packageDir: string, session: InferenceSession): void {
  if (session.outputNames.includes(FEATURES)) return;
  const message = `${GRAPH_FILE} has no output ${FEATURES}, which activation maps need; its outputs are ${session.outputNames.join(', ')}`;
  throw new InvalidPackageError(packageDir, [{ code: 'graph-interface', message }]);
}

/** The contract between build time and run time; more outputs may follow. */
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
