import { openDependencies } from '../../../functions/gpu-worker/dependencies.ts';
import { MachineError } from '../../../functions/gpu-worker/errors.ts';
import { handleMessage } from '../../../functions/gpu-worker/handle-message.ts';
import { machineFault } from '../../../functions/gpu-worker/models/machine-fault.ts';
import {
  createModelShelf,
  type ModelShelf,
  type ServedModel,
} from '../../../functions/gpu-worker/models/model-shelf.ts';
import { type Pipeline, startPipeline } from '../../../functions/gpu-worker/pipeline.ts';
import { createReadGate } from '../../../functions/gpu-worker/read-gate.ts';
import type { WorkerReport } from '../../../functions/gpu-worker/report.ts';
import { readWorkerSettings } from '../../../functions/gpu-worker/settings.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';
import { VARIABLES } from './environment.ts';
import { asOneHandling, withoutHeartbeat } from './guards.ts';
import { forever, type Life, lives } from './life.ts';
import type { Machine } from './machine.ts';
import { classifyPicture, isSlow } from './pictures.ts';
import { guarded } from './processes.ts';

const VISIBILITY_SECONDS = 30;
/** The longest that SQS allows: most of the simulated time nothing comes. */
const WAIT_SECONDS = 20;
const RUN_MS = 400;
/** More than two visibility timeouts. */
const SLOW_RUN_MS = 100_000;
const CAPACITY = 20;
const READS = 4;
/** A worker is killed after this at most, if its lot is drawn. */
const KILLED_WITHIN_MS = 400_000;
const KILLED_SHARE = 0.7;
/** Some are told to end, and end in order. */
const STOPPED_SHARE = 0.3;
const STOP_MS = 20_000;
const RESTART_MS = 5_000;
const FULL_DISK_SHARE = 0.1;

const SILENT: WorkerReport = {
  onOpened() {},
  onNotOpened() {},
  onClosed() {},
  onReceived() {},
  onBatch() {},
  onSmaller() {},
  onImage() {},
  onJob() {},
  onFailure() {},
  onFault() {},
  onHandlerReady() {},
  onHandlerEnded() {},
  onHandlerStuck() {},
  flush() {},
};

/** Keeps a heavy worker running: when it ends, another one starts. */
export async function keepWorker(machine: Machine): Promise<never> {
  for (;;) {
    const life = machine.start('worker');
    machine.mayKill(life, 'worker', KILLED_SHARE, KILLED_WITHIN_MS);
    const pipeline = lives.run(life, () => openWorker(machine, life));
    void stopLater(machine, life, pipeline);
    await life.killed.catch(() => {});
    await machine.time.wait(RESTART_MS);
  }
}

/** Ends some workers in order. */
async function stopLater(machine: Machine, life: Life, pipeline: Pipeline): Promise<void> {
  const { draws, time } = machine;
  const number = machine.count('lots of stops');
  if (draws.share('stopped', number) >= STOPPED_SHARE) return;
  await time.wait(draws.between(0, KILLED_WITHIN_MS, 'stopped after', number));
  if (life.isOver || !machine.areFaultsOn) return;
  machine.count('workers told to end');
  await end(life, pipeline);
}

/** The worker, with the real pipeline, gate and handling, and a model that reads words. */
function openWorker(machine: Machine, life: Life): Pipeline {
  const { time, removed } = machine;
  const settings = readWorkerSettings(VARIABLES);
  const dependencies = openDependencies(VARIABLES, settings);
  let isEnding = false;
  const handling = {
    ...dependencies,
    records: guarded(machine, dependencies.records),
    classifier: {
      async classify(_model: ServedModel, bytes: Uint8Array, { onDecoded }: { onDecoded: () => void }) {
        onDecoded();
        await time.wait(isSlow(bytes) ? SLOW_RUN_MS : RUN_MS);
        const entry = classifyPicture(bytes, 'heavy', () => life.kill('the picture ended it'));
        if (life.isOver) return forever();
        if ('error' in entry) throw entry.error;
        return entry;
      },
    },
    shelf: openShelf(machine, () => {
      if (isEnding) return;
      machine.count('workers that ended with a full disk');
      void end(life, pipeline);
      isEnding = true;
    }),
    gate: createReadGate(READS),
    report: SILENT,
    retrySeconds: settings.AUTOSWIFTNET_RETRY_SECONDS,
  };
  const { queue } = dependencies;
  const pipeline = startPipeline({
    queue: removed === 'heartbeat' ? withoutHeartbeat(queue, VISIBILITY_SECONDS) : queue,
    handle: (message) =>
      machine.holding(life, [message.id], () => asOneHandling(() => handleMessage(message, handling))),
    capacity: CAPACITY,
    visibilitySeconds: VISIBILITY_SECONDS,
    waitSeconds: WAIT_SECONDS,
    report: SILENT,
  });
  return pipeline;
}

/** As long as there are faults, the disk of some processes is full, and can store no model. */
function openShelf(machine: Machine, breakDown: () => void): ModelShelf {
  const isDiskFull = machine.draws.share('disk', machine.count('disks')) < FULL_DISK_SHARE;
  const model = { ...MODEL, manifest: validManifest() };
  return createModelShelf({
    memoryBytes: Number.POSITIVE_INFINITY,
    async locate() {
      if (isDiskFull && machine.areFaultsOn) throw machineFault(NO_SPACE, '/');
      return model;
    },
    open: async () => model,
    close: async () => {},
    onOpened() {},
    onNotOpened(error) {
      if (error instanceof MachineError) breakDown();
    },
    onClosed() {},
  });
}

/** Ends a worker as its container is ended: with time to finish. */
async function end(life: Life, pipeline: Pipeline): Promise<void> {
  await Promise.race([lives.run(life, () => pipeline.drain(STOP_MS)), life.killed]).catch(() => {});
  life.kill('it has ended');
}

const NO_SPACE = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
const MODEL = {
  packageDir: '/no/such/folder',
  graph: 'model.onnx',
  provider: 'cpu',
  refusals: [],
  fallback: null,
  sizes: null,
} as const;
