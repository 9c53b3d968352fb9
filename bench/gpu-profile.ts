import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INPUT_SIDE } from '../classifier/manifest.ts';
import { type ExecutionProvider, INPUT, runtimeOptions } from '../classifier/onnx-runtime.ts';

/** What the nodes of one operator take in one run. */
export interface OperatorTime {
  /** With the provider, if it is not the one that was asked for. */
  readonly operator: string;
  readonly nodes: number;
  readonly milliseconds: number;
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** Events that are no nodes, by what they are called here. */
const WHOLE = { run: 'model_run', graph: 'SequentialExecutor::Execute' };
const PROFILED_RUNS = 5;
const MICROSECONDS_PER_MS = 1000;

/**
 * Profiles some runs by ONNX Runtime's own profile. It measures on the host, so the process needs
 * CUDA_LAUNCH_BLOCKING=1: then a kernel has ended when its node has.
 * @param graph path of the graph
 * @param pixels uint8 [batch, 224, 224, 3]
 * @returns the operators, the longest first; `run` is one whole run, and `graph` the part of it
 *   without copies of inputs and outputs
 */
export async function profileGraph(
  graph: string,
  provider: ExecutionProvider,
  pixels: Uint8Array,
  batch: number,
): Promise<OperatorTime[]> {
  const runtime: typeof import('onnxruntime-node') = createRequire(import.meta.url)('onnxruntime-node');
  const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-profile-'));
  try {
    const session = await runtime.InferenceSession.create(graph, {
      ...runtimeOptions({ threads: 1, optimization: 'all', exactInt8: false }),
      executionProviders: [provider],
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
    const image = new runtime.Tensor('uint8', pixels, [batch, INPUT_SIDE, INPUT_SIDE, 3]);
    // The first run makes plans and memory; only the last ones count.
    for (let run = 0; run <= PROFILED_RUNS; run += 1) await session.run({ [INPUT]: image }, ['logits']);
    session.endProfiling();
    await session.release();
    const [file = ''] = await readdir(folder);
    return summarise(JSON.parse(await readFile(join(folder, file), 'utf8')), provider);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Sums the events of the last runs, by operator. */
export function summarise(events: readonly ProfileEvent[], provider: string): OperatorTime[] {
  const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
  const perRun = nodes.length / (PROFILED_RUNS + 1);
  const times = new Map<string, { nodes: number; microseconds: number }>();
  const add = (operator: string, { dur }: ProfileEvent) => {
    const time = times.get(operator) ?? { nodes: 0, microseconds: 0 };
    times.set(operator, { nodes: time.nodes + 1, microseconds: time.microseconds + dur });
  };
  for (const [operator, wanted] of Object.entries(WHOLE)) {
    const whole = events.filter(({ name }) => name === wanted);
    for (const event of whole.slice(-PROFILED_RUNS)) add(operator, event);
  }
  for (const event of nodes.slice(perRun)) {
    const where = event.args?.provider?.replace('ExecutionProvider', '') ?? '';
    const operator = event.args?.op_name ?? event.name;
    add(where.toLowerCase() === provider ? operator : `${operator} (${where})`, event);
  }
  return [...times]
    .map(([operator, { nodes: count, microseconds }]) => ({
      operator,
      nodes: count / PROFILED_RUNS,
      milliseconds: Number((microseconds / MICROSECONDS_PER_MS / PROFILED_RUNS).toPrecision(4)),
    }))
    .toSorted((one, other) => other.milliseconds - one.milliseconds);
}
