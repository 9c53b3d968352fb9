import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SelfTestError } from '../../classifier/errors.ts';
import { CUDA_GRAPH_FILE, GRAPH_FILE } from '../../classifier/manifest.ts';
import type { Fallback } from '../../classifier/types.ts';
import { asLogged } from '../as-logged.ts';
import { OPENING_COUNTS } from '../metric-names.ts';
import type { HeavyRequest } from '../routing/heavy-message.ts';
import { IMAGE_COUNTS, STEP_TIMES } from '../tagging/metric-names.ts';
import type { Outcome } from '../tagging/outcome.ts';
import type { JobOutcome } from './answer-job.ts';
import type { BatchReport } from './inference/batcher.ts';
import type { ServedModel } from './models/model-shelf.ts';

/**
 * Reports what a worker does, as log lines and as metrics in CloudWatch's embedded format, both on
 * standard output.
 */
export interface WorkerReport {
  /** @param largestBatch the batch size that is set; it is a warning if it did not fit in memory */
  onOpened(model: ServedModel, milliseconds: number, largestBatch: number): void;
  /** Counts a model that cannot be opened. Its caller logs the error. */
  onNotOpened(error: unknown): void;
  onClosed(model: string): void;
  onReceived(sentAt: number): void;
  onBatch(batch: BatchReport): void;
  onSmaller(model: string, largest: number): void;
  onImage(request: HeavyRequest, outcome: Outcome, milliseconds: number): void;
  onJob(request: HeavyRequest, outcome: JobOutcome, milliseconds: number): void;
  onFailure(request: HeavyRequest | null, error: unknown, lastAttempt: boolean): void;
  /** A fault of the queue, or of the worker itself. */
  onFault(what: string, error: unknown): void;
  onHandlerReady(handler: { readonly pid: number | undefined }): void;
  /** A handler process ended that was not asked to. It is started again. */
  onHandlerEnded(handler: { readonly pid: number | undefined }, how: string, againInMs: number): void;
  /** A handler process did not end in time and is killed. */
  onHandlerStuck(handler: { readonly pid: number | undefined }): void;
  /** Writes the metrics that were collected since the last call. */
  flush(): void;
}

export const METRICS_INTERVAL_MS = 10_000;

const JOB_COUNTS = {
  queued: 'JobsQueued',
  running: 'JobsRunning',
  done: 'JobsDone',
  rejected: 'JobsRejected',
  failed: 'JobsFailed',
} as const;

/** What the log says of each kind of fallback. */
const FALLBACKS: Readonly<Record<Fallback['kind'], string>> = {
  'exact-int8': 'the model failed its self-test; a fallback is used instead',
  fp32: 'the model failed its self-test; a fallback is used instead',
  'plain-graph': `${CUDA_GRAPH_FILE} does not work on this GPU; ${GRAPH_FILE} is used instead, at half the speed`,
};

export function createWorkerReport(logger: Logger, metrics: Metrics, now: () => number = Date.now): WorkerReport {
  let images = 0;
  let since = now();

  function addTimes(times: Partial<Record<keyof typeof STEP_TIMES, number>>): void {
    for (const step of ['read', 'decode', 'tag', 'record'] as const) {
      const value = times[step];
      if (value !== undefined) metrics.addMetric(STEP_TIMES[step], MetricUnit.Milliseconds, value);
    }
  }

  function warnOfMemory(model: string, largest: number): void {
    logger.warn('out of memory: the model is run in smaller batches from now on', { model, largest });
    metrics.addMetric('OutOfMemory', MetricUnit.Count, 1);
  }

  return {
    onOpened({ name, packageDir, manifest, fallback, graph, provider, refusals, sizes }, ms, largestBatch) {
      const { precision } = manifest;
      logger.info('model opened', { model: name, packageDir, precision, graph, provider, refusals, sizes, ms });
      if (fallback !== null) {
        const { kind, reason } = fallback;
        logger.warn(FALLBACKS[kind], {
          model: name,
          packageDir,
          fallback: kind,
          reason,
        });
        metrics.addMetric(OPENING_COUNTS.fallback, MetricUnit.Count, 1);
      }
      const largest = sizes?.at(-1) ?? largestBatch;
      if (largest < largestBatch) warnOfMemory(name, largest);
      metrics.addMetric(OPENING_COUNTS.opened, MetricUnit.Count, 1);
      metrics.addMetric(provider === 'cpu' ? OPENING_COUNTS.onCpu : OPENING_COUNTS.onGpu, MetricUnit.Count, 1);
    },

    onNotOpened(error) {
      metrics.addMetric(OPENING_COUNTS.notOpened, MetricUnit.Count, 1);
      if (error instanceof SelfTestError) metrics.addMetric(OPENING_COUNTS.selfTestFailed, MetricUnit.Count, 1);
    },

    onClosed(model) {
      logger.info('model closed', { model });
    },

    onReceived(sentAt) {
      metrics.addMetric('QueueAge', MetricUnit.Milliseconds, Math.max(0, now() - sentAt));
    },

    onBatch({ images: count, size, milliseconds }) {
      images += count;
      metrics.addMetric('BatchSize', MetricUnit.Count, count);
      metrics.addMetric('BatchPadding', MetricUnit.Count, size - count);
      metrics.addMetric(STEP_TIMES.run, MetricUnit.Milliseconds, milliseconds);
    },

    onSmaller: warnOfMemory,

    onImage({ source, model }, outcome, ms) {
      const { bucket, key, versionId } = source;
      if (outcome.kind !== 'recorded') {
        const why = outcome.kind === 'skipped' ? outcome.why : outcome.kind;
        logger.info('event skipped', { bucket, key, versionId, model, why, ms });
        metrics.addMetric('EventsSkipped', MetricUnit.Count, 1);
        return;
      }
      const { state, reason, size, predictions } = outcome.record;
      const [best] = predictions;
      logger.info(`image ${state}`, {
        bucket,
        key,
        versionId,
        state,
        model,
        size,
        ...(reason === null ? {} : { reason }),
        ...(best === undefined ? {} : { label: best.label, confidence: best.probability }),
        ms,
      });
      metrics.addMetric(IMAGE_COUNTS[state], MetricUnit.Count, 1);
      if (state === 'tagged') addTimes(outcome.milliseconds);
    },

    onJob({ jobId, model }, outcome, ms) {
      if (outcome.kind === 'settled') {
        logger.info('event skipped', { jobId, model, why: 'already-done', ms });
        metrics.addMetric('EventsSkipped', MetricUnit.Count, 1);
        return;
      }
      const { state, reason, predictions } = outcome.job;
      const [best] = predictions;
      logger.info(`job ${state}`, {
        jobId,
        state,
        model,
        ...(reason === null ? {} : { reason }),
        ...(best === undefined ? {} : { label: best.label, confidence: best.probability }),
        ms,
      });
      metrics.addMetric(JOB_COUNTS[state], MetricUnit.Count, 1);
      if (state === 'done') addTimes(outcome.milliseconds);
    },

    onFailure(request, error, lastAttempt) {
      const { jobId, model, source } = request ?? {};
      const about = source === undefined ? {} : { bucket: source.bucket, key: source.key, jobId, model };
      logger.error('attempt failed', { ...about, lastAttempt, error: asLogged(error) });
      metrics.addMetric('AttemptsFailed', MetricUnit.Count, 1);
    },

    onFault(what, error) {
      logger.error(what, { error: asLogged(error) });
    },

    onHandlerReady({ pid }) {
      logger.info('a process handles messages', { pid });
    },

    onHandlerEnded({ pid }, how, againInMs) {
      logger.error('a process that handles messages ended and is started again; its messages are delivered again', {
        pid,
        how,
        againInMs,
      });
      metrics.addMetric('HandlersEnded', MetricUnit.Count, 1);
    },

    onHandlerStuck({ pid }) {
      logger.error(
        'a process that handles messages did not end in time and is killed; its messages are delivered again',
        {
          pid,
        },
      );
    },

    flush() {
      const seconds = (now() - since) / 1000;
      if (images > 0 && seconds > 0) metrics.addMetric('ImagesPerSecond', MetricUnit.CountPerSecond, images / seconds);
      images = 0;
      since = now();
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
