import type { WorkerDependencies } from './dependencies.ts';
import { MachineError } from './errors.ts';
import { handleMessages } from './handle-messages.ts';
import { type Handlers, keepHandlers } from './handlers/keep-handlers.ts';
import { startHandler } from './handlers/start-handler.ts';
import { startHealthServer, type WorkerHealth } from './health.ts';
import { type Batcher, createBatcher } from './inference/batcher.ts';
import { createBufferPool } from './inference/buffer-pool.ts';
import { type Engine, startEngine } from './inference/engine.ts';
import { locatePackage } from './models/locate-package.ts';
import { machineFault } from './models/machine-fault.ts';
import { createModelShelf, type ModelShelf } from './models/model-shelf.ts';
import { METRICS_INTERVAL_MS, type WorkerReport } from './report.ts';
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

/** The program of a handler process lies beside this module, in a clone, a package and a bundle. */
const HANDLER = new URL(import.meta.url.endsWith('.ts') ? './handler.ts' : './handler.js', import.meta.url);

/**
 * Part of the stop time that is kept for handing back messages, ending handlers that are stuck, and
 * freeing the models.
 */
const CLOSING_MS = 1_000;

/** What changes while a worker runs. */
interface State {
  status: WorkerHealth['status'];
  /** Null until the first model is open. */
  handlers: Omit<Handlers, 'ready'> | null;
  /** Runs of each model since it was opened. */
  readonly batches: Map<string, number>;
}

interface Inference {
  readonly engine: Engine;
  readonly shelf: ModelShelf;
  readonly batcher: Batcher;
  readonly broken: Promise<never>;
}

/**
 * Starts one worker. It receives messages as soon as its first model is warm.
 * @throws {ConfigurationError} when its port is taken, or the file of the port cannot be written
 */
export async function startWorker(options: WorkerOptions): Promise<GpuWorker> {
  const { settings, report } = options;
  const state: State = { status: 'starting', handlers: null, batches: new Map() };
  const inference = startInference(options, state);
  const { engine, shelf, broken } = inference;
  const server = await startHealthServer(
    settings.AUTOSWIFTNET_WORKER_PORT,
    () => healthOf(shelf, state),
    settings.AUTOSWIFTNET_WORKER_PORT_FILE,
  );
  const flushing = setInterval(() => report.flush(), METRICS_INTERVAL_MS);

  const ready = shelf.use(settings.models[0]).then(async ({ giveBack }) => {
    giveBack();
    if (state.status !== 'starting') return;
    const { ready: receiving, ...handlers } = startHandlers(options, inference);
    state.handlers = handlers;
    await receiving;
    if (state.status === 'starting') state.status = 'ok';
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
      await state.handlers?.stop(withinMs);
      await engine.stop();
      await server.close();
      report.flush();
    },
  };
}

function startInference(options: WorkerOptions, state: State): Inference {
  const { settings, report } = options;
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
  return { engine, shelf: openShelf(options, engine, state, breakDown), batcher, broken };
}

function openShelf(
  { settings, dependencies, report }: WorkerOptions,
  engine: Engine,
  state: State,
  breakDown: (error: unknown) => void,
): ModelShelf {
  const { batches } = state;
  let fault: MachineError | null = null;
  return createModelShelf({
    memoryBytes: settings.AUTOSWIFTNET_MODEL_MEMORY_MB * BYTES_PER_MB,
    async locate(name) {
      // The messages that wait for a model need not fill the disk once more, each of them.
      if (fault !== null) throw fault;
      try {
        return await locatePackage(name, settings, dependencies.s3);
      } catch (error) {
        fault = machineFault(error, settings.AUTOSWIFTNET_MODEL_CACHE);
        throw fault ?? error;
      }
    },
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
    onNotOpened(error) {
      report.onNotOpened(error);
      // Before the first message is received, `ready` tells of it.
      if (error instanceof MachineError && state.handlers !== null) breakDown(error);
    },
    onClosed(name) {
      batches.delete(name);
      report.onClosed(name);
    },
  });
}

/** Handles messages in this process, or in as many others as are set. */
function startHandlers(options: WorkerOptions, inference: Inference): Handlers {
  const { settings, report } = options;
  if (settings.handlers === 1) {
    const { held, stop } = handleMessages(options, inference);
    return { ready: Promise.resolve(), running: () => 1, held, stop };
  }
  return keepHandlers({
    count: settings.handlers,
    start: () => startHandler(HANDLER, inference, process),
    onReady: report.onHandlerReady,
    onEnded: report.onHandlerEnded,
    onStuck: report.onHandlerStuck,
  });
}

function healthOf(shelf: ModelShelf, { status, handlers, batches }: State): WorkerHealth {
  const models = shelf.models().map(({ name, manifest: { precision }, graph, provider, refusals, fallback }) => {
    return { name, precision, graph, provider, refusals, fallback, batches: batches.get(name) ?? 0 };
  });
  const running = handlers?.running() ?? 0;
  // Without a handler nothing is received until one has started again.
  const stalled = status === 'ok' && running === 0;
  return { status: stalled ? 'starting' : status, models, handlers: running, held: handlers?.held() ?? 0 };
}
