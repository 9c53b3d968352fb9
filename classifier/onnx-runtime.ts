import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ExecutionProviderError, InvalidPackageError, NativePackageError } from './errors.ts';
import { type CUDA_GRAPH_FILE, type GRAPH_FILE, INPUT_SIDE } from './manifest.ts';
import { messageOf } from './message-of.ts';
import { missingLibrary } from './missing-library.ts';

export type Optimization = 'disabled' | 'basic' | 'extended' | 'all';

/**
 * The execution providers, usually the fastest first. Of those for GPUs, only webgpu is part of the
 * npm package.
 */
export const EXECUTION_PROVIDERS = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const;

export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

export interface ProviderRefusal {
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

/** How onnxruntime-node runs a graph, whatever the provider. */
export interface RuntimeSettings {
  readonly threads: number;
  readonly optimization: Optimization;
  /** See SessionOptions. */
  readonly exactInt8: boolean;
}

export type GraphFile = typeof GRAPH_FILE | typeof CUDA_GRAPH_FILE;

/** A graph that onnxruntime-node has opened, with its weights mapped from disk. */
export interface OpenGraph {
  readonly file: GraphFile;
  readonly provider: ExecutionProvider;
  /** The providers that were tried before it, and why they do not work on this machine. */
  readonly refusals: readonly ProviderRefusal[];
  readonly inputs: readonly InferenceSession.ValueMetadata[];
  readonly outputs: readonly InferenceSession.ValueMetadata[];
  /**
   * Runs the graph and returns some of its float outputs.
   * @param pixels uint8 [count, 224, 224, 3] (image, height, width, RGB)
   * @returns the elements of each output, row-major, in the order of the names
   */
  run<const Names extends readonly string[]>(pixels: Uint8Array, count: number, names: Names): Promise<Tensors<Names>>;
  /** Frees the graph. Wait for the run in progress before calling it. */
  release(): Promise<void>;
}

/** The elements of one tensor for each name. */
type Tensors<Names extends readonly string[]> = { readonly [Place in keyof Names]: Float32Array };

type OnnxRuntime = typeof import('onnxruntime-node');

/** The name of a graph's input. */
export const INPUT = 'image';

/** Log errors only: what matters in a warning is checked by the self-test. */
const LOG_SEVERITY_ERROR = 3;

/**
 * Lambda bills a thread that spins while it waits, and the spinning takes the core from other work.
 */
const SESSION_CONFIG = { intra_op: { allow_spinning: '0' } };

const require = createRequire(import.meta.url);

/**
 * Opens the graph in a folder with the first of the providers that works on this machine.
 * onnxruntime-node itself does not try the next one, it throws when a provider is missing.
 * @param folder holds the graphs and weights.bin
 * @param fileFor says which graph a provider runs
 * @throws {InvalidPackageError} when the folder does not hold a graph
 * @throws {ExecutionProviderError} when none of the providers works on this machine
 * @throws {NativePackageError} when onnxruntime-node has no binary for this platform
 */
export async function openGraph(
  folder: string,
  providers: readonly ExecutionProvider[],
  fileFor: (provider: ExecutionProvider) => GraphFile,
  settings: RuntimeSettings,
): Promise<OpenGraph> {
  const runtime = loadRuntime();
  const options = runtimeOptions(settings);
  const { session, file, provider, refusals } = await createSession(runtime, folder, providers, fileFor, options);
  return {
    file,
    provider,
    refusals,
    inputs: session.inputMetadata,
    outputs: session.outputMetadata,
    async run<const Names extends readonly string[]>(pixels: Uint8Array, count: number, names: Names) {
      const image = new runtime.Tensor('uint8', pixels, [count, INPUT_SIDE, INPUT_SIDE, 3]);
      const outputs = await session.run({ [INPUT]: image }, names);
      return names.map((name) => floatsOf(name, outputs)) as Tensors<Names>;
    },
    release: () => session.release(),
  };
}

/** Returns the options for onnxruntime-node, except the provider. Benchmarks change single ones. */
export function runtimeOptions({ threads, optimization, exactInt8 }: RuntimeSettings): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimization,
    logSeverityLevel: LOG_SEVERITY_ERROR,
    extra: { session: { ...SESSION_CONFIG, ...(exactInt8 ? { x64quantprecision: '1' } : {}) } },
  };
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

interface Created {
  readonly session: InferenceSession;
  readonly file: GraphFile;
  readonly provider: ExecutionProvider;
  readonly refusals: readonly ProviderRefusal[];
}

async function createSession(
  runtime: OnnxRuntime,
  packageDir: string,
  providers: readonly ExecutionProvider[],
  fileFor: (provider: ExecutionProvider) => GraphFile,
  options: InferenceSession.SessionOptions,
): Promise<Created> {
  const refusals: ProviderRefusal[] = [];
  for (const provider of providers) {
    const file = fileFor(provider);
    try {
      const session = await runtime.InferenceSession.create(join(packageDir, file), {
        ...options,
        executionProviders: provider === 'tensorrt' ? ['tensorrt', 'cuda'] : [provider],
      });
      return { session, file, provider, refusals };
    } catch (cause) {
      const reason = messageOf(cause);
      // The CPU provider always works, so a graph that it cannot open is at fault itself.
      if (provider === 'cpu') {
        const message = `${file} cannot be opened: ${reason}`;
        throw new InvalidPackageError(packageDir, [{ code: 'graph', message }], cause);
      }
      const missing = provider === 'cuda' || provider === 'tensorrt' ? missingLibrary(provider) : null;
      refusals.push({ provider, reason: missing === null ? reason : `${reason}: ${missing}` });
    }
  }
  const reasons = refusals.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ');
  throw new ExecutionProviderError(
    `none of the requested execution providers works on this machine (${reasons}). Install the GPU's driver and libraries, or add cpu to the requested providers.`,
  );
}

function floatsOf(name: string, outputs: InferenceSession.OnnxValueMapType): Float32Array {
  const { data } = outputs[name] as Tensor;
  if (!(data instanceof Float32Array)) throw new TypeError(`the output ${name} is not a float32 tensor`);
  return data;
}
