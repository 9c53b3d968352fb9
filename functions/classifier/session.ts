import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { InvalidArgumentError, InvalidPackageError, NativePackageError, type PackageFault } from '../errors.ts';
import { GRAPH_FILE, INPUT_SIDE, type Manifest, WEIGHTS_FILE } from './manifest.ts';
import { checkSelfTest, selfTestImage } from './self-test.ts';

type OnnxRuntime = typeof import('onnxruntime-node');

export type Optimization = 'disabled' | 'basic' | 'extended' | 'all';

export interface SessionOptions {
  /** Threads of one run. Default: `defaultThreads()`. */
  readonly threads?: number;
  /**
   * Default `all`: the fastest runs, for a copy of the weights in the CPU's own layout. `extended` leaves the weights where they are
   * mapped: little memory of its own, quick to open, slower to run.
   */
  readonly optimization?: Optimization;
  /** Default true. False only for the converter, which finds out what the self-test shall expect, and for `models verify`, which reports it. */
  readonly selfTest?: boolean;
}

/** A model in memory. */
export interface ModelSession {
  /**
   * @param pixels uint8 [count, 224, 224, 3] (image, height, width, RGB)
   * @returns float32 [count, classes], before softmax
   */
  run(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** Frees the model. The run in progress must have been awaited. */
  release(): Promise<void>;
}

const INPUT = 'image';
const OUTPUT = 'logits';

/** Of Lambda memory that come with one full vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEMORY_MB_PER_VCPU = 1769;

/** Errors only: what matters of a warning is in the self-test. */
const LOG_SEVERITY_ERROR = 3;

const require = createRequire(import.meta.url);

/** As many threads as Lambda's memory setting pays for, at least 1; elsewhere 1, one process a core. */
export function defaultThreads(memoryMb: string | undefined = process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']): number {
  return Math.max(1, Math.floor(Number(memoryMb ?? 0) / MEMORY_MB_PER_VCPU) || 1);
}

/**
 * Opens a package's graph on the CPU, with its weights mapped from disk, and lets it pass its self-test, which also warms it up.
 * @throws {InvalidPackageError} when files are missing, of another size than the manifest says, or no such graph
 * @throws {SelfTestError} when it computes something else than the converter recorded
 * @throws {InvalidArgumentError} when `threads` is no positive whole number
 * @throws {NativePackageError} when onnxruntime-node has no binary here
 */
export async function openSession(
  packageDir: string,
  manifest: Manifest,
  { threads = defaultThreads(), optimization = 'all', selfTest = true }: SessionOptions = {},
): Promise<ModelSession> {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new InvalidArgumentError(
      `expected a positive whole number for threads, received ${threads} of type ${typeof threads}`,
    );
  }
  await requireFiles(packageDir, manifest);
  const runtime = loadRuntime();
  const session = await createSession(runtime, packageDir, threads, optimization);
  const model: ModelSession = {
    async run(pixels, count) {
      const image = new runtime.Tensor('uint8', pixels, [count, INPUT_SIDE, INPUT_SIDE, 3]);
      const { [OUTPUT]: logits } = await session.run({ [INPUT]: image }, [OUTPUT]);
      if (!(logits?.data instanceof Float32Array)) throw new TypeError(`${OUTPUT} is no float32 tensor`);
      return logits.data;
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

function loadRuntime(): OnnxRuntime {
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
    if (size === null) faults.push({ code: 'no-file', message: `${name} cannot be read` });
    else if (size !== files[name].bytes) {
      faults.push({ code: 'file-size', message: `${name} has ${size} bytes, expected ${files[name].bytes}` });
    }
  }
  if (faults.length > 0) throw new InvalidPackageError(packageDir, faults);
}

async function createSession(runtime: OnnxRuntime, packageDir: string, threads: number, optimization: Optimization) {
  try {
    return await runtime.InferenceSession.create(join(packageDir, GRAPH_FILE), {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: optimization,
      logSeverityLevel: LOG_SEVERITY_ERROR,
      // A thread that spins while it waits is billed as if it worked, and takes the core from its neighbours.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    const message = `${GRAPH_FILE} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new InvalidPackageError(packageDir, [{ code: 'graph', message }], cause);
  }
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
  if (!metadata.isTensor) return `${metadata.name} (no tensor)`;
  const [batch, ...rest] = metadata.shape;
  return `${metadata.name} ${metadata.type} [${[typeof batch === 'string' ? 'N' : batch, ...rest].join(', ')}]`;
}
