import { availableParallelism } from 'node:os';
import { toDecodeLimits } from '../decode-limits.ts';
import type { WorkerDependencies } from './dependencies.ts';
import { handleMessage } from './handle-message.ts';
import { startHealthServer, type WorkerHealth } from './health.ts';
import { createHeavyClassifier, type HeavyClassifier } from './heavy-classifier.ts';
import { createBatcher } from './inference/batcher.ts';
import { createBufferPool } from './inference/buffer-pool.ts';
import { type Engine, startEngine } from './inference/engine.ts';
import { locatePackage } from './models/locate-package.ts';
import { createModelShelf, type ModelShelf } from './models/model-shelf.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';
import { createReadGate, type ReadGate } from './read-gate.ts';
import type { WorkerReport } from './report.ts';
import type { WorkerSettings } from './settings.ts';

export interface WorkerOptions {
  readonly settings: WorkerSettings;
  readonly dependencies: WorkerDependencies;
  readonly report: WorkerReport;
}

export interface GpuWorker {
  /** Port of `GET /health`. */
  readonly port: number;
  /**
   * Resolves once the first model is open and warm, and messages are received.
   * @throws the error because of which the model cannot be opened
   */
  readonly ready: Promise<void>;
  /** Never resolves; rejects when the worker cannot go on and must be replaced. */
  readonly broken: Promise<never>;
  /**
   * Stops receiving, finishes what it has begun within the configured time, hands back the rest,
   * and frees the models.
   */
  stop(): Promise<void>;
}

const BYTES_PER_MB = 1_000_000;

/**
 * Number of batches whose messages are held. While one batch is computed, the next is prepared and
 * the last is written. There are at least enough messages for two receive requests.
 */
const BATCHES_HELD = 4;
const LEAST_CAPACITY = 20;

/** Images that are read and decoded at the same time, per core. */
const READS_PER_CORE = 2;
const LEAST_READS = 4;

const METRICS_INTERVAL_MS = 10_000;

/** Part of the stop time that is kept for handing back messages and freeing the models. */
const CLOSING_MS = 1_000;

/** What changes while a worker runs. */
interface State {
  status: WorkerHealth['status'];
  pipeline: Pipeline | null;
  /** Runs of each model since it was opened. */
  readonly batches: Map<string, number>;
}

interface Inference {
  readonly engine: Engine;
  readonly shelf: ModelShelf;
  readonly classifier: HeavyClassifier;
  readonly broken: Promise<never>;
}

/**
 * Starts one worker. It receives messages as soon as its first model is warm.
 * @throws {ConfigurationError} when its port is taken, or the file of the port cannot be written
 */
export async function startWorker(options: WorkerOptions): Promise<GpuWorker> {
  const { settings, report } = options;
  const state: State = { status: 'starting', pipeline: null, batches: new Map() };
  const inference = startInference(options, state);
  const { engine, shelf, broken } = inference;
  const gate = createReadGate(Math.max(LEAST_READS, READS_PER_CORE * availableParallelism()));
  const server = await startHealthServer(
    settings.AUTOSWIFTNET_WORKER_PORT,
    () => healthOf(shelf, state),
    settings.AUTOSWIFTNET_WORKER_PORT_FILE,
  );
  const flushing = setInterval(() => report.flush(), METRICS_INTERVAL_MS);

  const ready = shelf.use(settings.models[0]).then(({ giveBack }) => {
    giveBack();
    if (state.status !== 'starting') return;
    state.pipeline = receive(options, inference, gate);
    state.status = 'ok';
  });
  ready.catch(() => {});

  return {
    port: server.port,
    ready,
    broken,
    async stop() {
      if (state.status !== 'broken') state.status = 'stopping';
      clearInterval(flushing);
      const withinMs = settings.AUTOSWIFTNET_STOP_SECONDS * 1000 - CLOSING_MS;
      state.pipeline?.stopReceiving();
      gate.close();
      await state.pipeline?.drain(withinMs);
      await engine.stop();
      await server.close();
      report.flush();
    },
  };
}

function startInference(options: WorkerOptions, state: State): Inference {
  const { settings, dependencies, report } = options;
  const buffers = createBufferPool(settings.AUTOSWIFTNET_BATCH_SIZE);
  const engine = startEngine(buffers.give);
  let breakDown: (error: unknown) => void = () => {};
  const broken = new Promise<never>((_resolve, reject) => {
    breakDown = (error) => {
      state.status = 'broken';
      reject(error);
    };
  });
  broken.catch(() => {});
  engine.broken.catch(breakDown);
  const batcher = createBatcher(engine, {
    largest: settings.AUTOSWIFTNET_BATCH_SIZE,
    waitMs: settings.AUTOSWIFTNET_BATCH_WAIT_MS,
    buffers,
    onBatch(batch) {
      state.batches.set(batch.model, (state.batches.get(batch.model) ?? 0) + 1);
      report.onBatch(batch);
    },
    onSmaller: report.onSmaller,
    onBroken: breakDown,
  });
  const limits = { ...toDecodeLimits(settings), maxBytes: dependencies.maxImageBytes };
  const classifier = createHeavyClassifier({
    batcher,
    limits,
    conceptThreshold: settings.AUTOSWIFTNET_CONCEPT_THRESHOLD,
  });
  return { engine, shelf: openShelf(options, engine, state), classifier, broken };
}

function openShelf({ settings, dependencies, report }: WorkerOptions, engine: Engine, { batches }: State): ModelShelf {
  return createModelShelf({
    memoryBytes: settings.AUTOSWIFTNET_MODEL_MEMORY_MB * BYTES_PER_MB,
    locate: (name) => locatePackage(name, settings, dependencies.s3),
    open: (name, packageDir) =>
      engine.open(name, {
        packageDir,
        providers: settings.AUTOSWIFTNET_PROVIDERS,
        threads: settings.threads,
        largestBatch: settings.AUTOSWIFTNET_BATCH_SIZE,
      }),
    close: engine.close,
    onOpened(model, milliseconds) {
      // Opening a model runs its self-test, and every size of batch that it will be run at.
      batches.set(model.name, model.sizes?.length ?? 1);
      report.onOpened(model, milliseconds, settings.AUTOSWIFTNET_BATCH_SIZE);
    },
    onNotOpened: report.onNotOpened,
    onClosed(name) {
      batches.delete(name);
      report.onClosed(name);
    },
  });
}

function receive({ settings, dependencies, report }: WorkerOptions, inference: Inference, gate: ReadGate): Pipeline {
  const { shelf, classifier } = inference;
  const retrySeconds = settings.AUTOSWIFTNET_RETRY_SECONDS;
  const handling = { ...dependencies, classifier, shelf, gate, report, retrySeconds };
  return startPipeline({
    queue: dependencies.queue,
    handle: (message) => handleMessage(message, handling),
    capacity: Math.max(LEAST_CAPACITY, BATCHES_HELD * settings.AUTOSWIFTNET_BATCH_SIZE),
    visibilitySeconds: settings.AUTOSWIFTNET_VISIBILITY_SECONDS,
    report,
  });
}

function healthOf(shelf: ModelShelf, { status, pipeline, batches }: State): WorkerHealth {
  const models = shelf.models().map(({ name, manifest: { precision }, graph, provider, refusals, fallback }) => {
    return { name, precision, graph, provider, refusals, fallback, batches: batches.get(name) ?? 0 };
  });
  return { status, models, held: pipeline?.held() ?? 0 };
}
