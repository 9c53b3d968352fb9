import { availableParallelism } from 'node:os';
import { toDecodeLimits } from '../decode-limits.ts';
import type { WorkerDependencies } from './dependencies.ts';
import { handleMessage } from './handle-message.ts';
import type { Inference } from './handlers/serve-inference.ts';
import { createHeavyClassifier } from './heavy-classifier.ts';
import { startPipeline } from './pipeline.ts';
import { createReadGate } from './read-gate.ts';
import type { WorkerReport } from './report.ts';
import type { WorkerSettings } from './settings.ts';

export interface HandleMessagesOptions {
  readonly settings: WorkerSettings;
  readonly dependencies: WorkerDependencies;
  readonly report: WorkerReport;
}

/** Messages that are received and handled, one process's share. */
export interface MessageHandling {
  /** Returns the number of messages held now. */
  held(): number;
  /** Stops receiving, finishes what is held within `withinMs`, and hands back the rest. */
  stop(withinMs: number): Promise<void>;
}

/**
 * Number of batches whose messages are held, by all processes together. While one batch is
 * computed, the next is prepared and the last is written. There are at least enough messages for
 * two receive requests in each process.
 */
const BATCHES_HELD = 4;
const LEAST_CAPACITY = 20;

/** Images that are read and decoded at the same time, per core, by all processes together. */
const READS_PER_CORE = 2;
const LEAST_READS = 4;

/**
 * Receives and handles messages from now on. Models and batches may be those of another process.
 */
export function handleMessages(
  { settings, dependencies, report }: HandleMessagesOptions,
  { shelf, batcher }: Inference,
): MessageHandling {
  const { handlers, AUTOSWIFTNET_BATCH_SIZE: batchSize, AUTOSWIFTNET_RETRY_SECONDS: retrySeconds } = settings;
  const limits = { ...toDecodeLimits(settings), maxBytes: dependencies.maxImageBytes };
  const classifier = createHeavyClassifier({
    batcher,
    limits,
    conceptThreshold: settings.AUTOSWIFTNET_CONCEPT_THRESHOLD,
  });
  const gate = createReadGate(Math.max(LEAST_READS, Math.ceil((READS_PER_CORE * availableParallelism()) / handlers)));
  const handling = { ...dependencies, classifier, shelf, gate, report, retrySeconds };
  const pipeline = startPipeline({
    queue: dependencies.queue,
    handle: (message) => handleMessage(message, handling),
    capacity: Math.max(LEAST_CAPACITY, Math.ceil((BATCHES_HELD * batchSize) / handlers)),
    visibilitySeconds: settings.AUTOSWIFTNET_VISIBILITY_SECONDS,
    report,
  });
  return {
    held: () => pipeline.held(),
    async stop(withinMs) {
      pipeline.stopReceiving();
      gate.close();
      await pipeline.drain(withinMs);
    },
  };
}
