/**
 * Worlds for bench/gpu-worker.ts: objects that are put once, and rounds of messages about them.
 */
import { fileURLToPath } from 'node:url';
import type { ExecutionProvider } from '../classifier/onnx-runtime.ts';
import type { HeavyRequest } from '../functions/routing/heavy-message.ts';
import {
  type HeavyWorld,
  openHeavyWorld,
  type WorkerProcess,
  type WorkerVariables,
} from '../test/functions/gpu-worker/heavy-world.ts';
import { WORKER_FOLDER } from './gpu-worker-pictures.ts';
import { type ServiceName, serviceProcesses } from './gpu-worker-services.ts';

type Source = HeavyRequest['source'];

export interface Served {
  /** What messages call it. */
  readonly name: string;
  readonly packageDir: string;
}

export interface GpuWorld {
  readonly heavy: HeavyWorld;
  readonly services: ReadonlyMap<ServiceName, number>;
  /** Puts so many objects `PREFIX INDEX`, unless they are there. */
  fill(prefix: string, count: number, body: Uint8Array): Promise<void>;
  /**
   * Queues one message for each of the first `count` objects.
   * @returns the sequencer of all of them, which is later than those of earlier rounds
   */
  ask(prefix: string, count: number, model: Served): Promise<string>;
  /** Counts the records that a round has written. */
  answered(prefix: string, count: number, sequencer: string): Promise<number>;
  /** Starts the container's program with the container's variables. */
  start(model: Served, variables?: WorkerVariables, cores?: string): WorkerProcess;
}

/** Calls under way at a time while a world is filled and read. */
const SIDE_BY_SIDE = 16;

const PROGRAM = fileURLToPath(new URL(`${WORKER_FOLDER}/main.js`, import.meta.url));

export async function openGpuWorld(
  provider: ExecutionProvider,
  { packageDir }: Served,
  program: string,
): Promise<GpuWorld> {
  const services = new Map<ServiceName, number>();
  const heavy = await openHeavyWorld(packageDir, serviceProcesses(program, services));
  const objects = new Map<string, Source[]>();
  let rounds = 0;

  return {
    heavy,
    services,

    async fill(prefix, count, body) {
      const there = objects.get(prefix) ?? [];
      objects.set(prefix, there);
      const missing = Array.from({ length: Math.max(0, count - there.length) }, (_, index) => there.length + index);
      await sideBySide(missing, async (index) => {
        there[index] = await heavy.put(`${prefix} ${index}`, body);
      });
    },

    async ask(prefix, count, { name }) {
      rounds += 1;
      // Capital letters, as records have them.
      const sequencer = `0055AF${rounds.toString(16).toUpperCase().padStart(12, '0')}`;
      await sideBySide((objects.get(prefix) ?? []).slice(0, count), (source) =>
        heavy.ask({ source: { ...source, sequencer }, model: name }),
      );
      return sequencer;
    },

    async answered(prefix, count, sequencer) {
      let found = 0;
      await sideBySide((objects.get(prefix) ?? []).slice(0, count), async (source) => {
        const record = await heavy.records.readRecord(source);
        if (record?.state === 'tagged' && record.sequencer.startsWith(sequencer)) found += 1;
      });
      return found;
    },

    start(model, variables = {}, cores = undefined) {
      return heavy.startWorker(
        { ...containerVariables(provider, model), ...variables },
        { path: PROGRAM, options: [], cores },
      );
    },
  };
}

/** The variables of functions/gpu-worker/Dockerfile, and the defaults that a test world changes. */
function containerVariables(provider: ExecutionProvider, { name, packageDir }: Served): WorkerVariables {
  return {
    NODE_ENV: 'production',
    UV_THREADPOOL_SIZE: '16',
    NVIDIA_TF32_OVERRIDE: '0',
    AUTOSWIFTNET_PROVIDERS: provider,
    AUTOSWIFTNET_HEAVY_MODEL: name,
    AUTOSWIFTNET_HEAVY_PACKAGES: JSON.stringify({ [name]: packageDir }),
    AUTOSWIFTNET_BATCH_SIZE: '32',
    AUTOSWIFTNET_VISIBILITY_SECONDS: '60',
    AUTOSWIFTNET_RETRY_SECONDS: '30',
    POWERTOOLS_METRICS_DISABLED: 'false',
  };
}

async function sideBySide<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const lane = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
}
