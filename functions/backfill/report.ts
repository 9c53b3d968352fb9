import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { asLogged } from '../as-logged.ts';
import { ObjectAccessError } from '../tagging/errors.ts';
import { IMAGE_COUNTS } from '../tagging/metric-names.ts';
import type { BackfillObserver } from './answer-call.ts';

/**
 * Not the metric of uploads: by that one a deployment of the tagging function is judged, and it
 * must not be taken back because old objects cannot be read.
 */
const BACKFILL_ATTEMPTS_FAILED = 'BackfillAttemptsFailed';

/**
 * Writes one log line for each run, batch and failure, and counts images in the metrics of uploads.
 * A line says `run asked for`, `batch tagged` or `attempt failed`. What became of each item is in
 * the results.
 */
export function createBackfillReport(logger: Logger, metrics: Metrics): BackfillObserver {
  return {
    onRun(runId) {
      logger.info('run asked for', { runId });
      metrics.addMetric('BackfillRuns', MetricUnit.Count, 1);
    },

    onFailure({ event, error }) {
      logger.error('attempt failed', { ...event?.name, error: asLogged(error) });
      metrics.addMetric(BACKFILL_ATTEMPTS_FAILED, MetricUnit.Count, 1);
      if (error instanceof ObjectAccessError) metrics.addMetric('ObjectAccessDenied', MetricUnit.Count, 1);
    },

    onBatch({ run: { runId }, batch, call }, { items, failures, rejections }, unfinished) {
      logger.info('batch tagged', { runId, batch, call, items, failures, rejections, unfinished });
      for (const state of ['tagged', 'rejected', 'failed'] as const) {
        metrics.addMetric(IMAGE_COUNTS[state], MetricUnit.Count, items[state]);
      }
      metrics.addMetric('ImagesForwarded', MetricUnit.Count, items.forwarded);
      metrics.addMetric('EventsSkipped', MetricUnit.Count, items['already-answered']);
    },
  };
}
