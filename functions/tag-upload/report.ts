import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { ObjectAccessError } from '../tagging/errors.ts';
import { ATTEMPTS_FAILED, IMAGE_COUNTS, STEP_TIMES } from '../tagging/metric-names.ts';
import type { Outcome } from '../tagging/outcome.ts';
import type { Observer } from './message.ts';
import type { UploadEvent } from './upload-event.ts';

/**
 * Writes one log line and the metrics of each event. A line says `image tagged`, `image rejected`,
 * `image failed`, `image forwarded`, `image deleted`, `event skipped` or `attempt failed`, with
 * bucket, key, versionId, state and ms where they are known.
 */
export function createReport(logger: Logger, metrics: Metrics): Observer {
  return {
    onOutcome(event, outcome, ms) {
      if (outcome.kind === 'forwarded') {
        logger.info('image forwarded', { ...facts(event), model: outcome.model, ms });
        metrics.addMetric('ImagesForwarded', MetricUnit.Count, 1);
        return;
      }
      if (outcome.kind !== 'recorded') {
        const deleted = outcome.kind === 'deleted';
        logger.info(deleted ? 'image deleted' : 'event skipped', { ...facts(event), ...why(outcome), ms });
        metrics.addMetric(deleted ? 'ImagesDeleted' : 'EventsSkipped', MetricUnit.Count, 1);
        return;
      }
      const { record, milliseconds } = outcome;
      const { state, reason, size, model, versionId, escalatedTo } = record;
      const [best] = record.predictions;
      logger.info(`image ${state}`, {
        ...facts(event),
        versionId,
        state,
        model,
        size,
        ...(reason === null ? {} : { reason }),
        ...(best === undefined ? {} : { label: best.label, confidence: best.probability }),
        ...(escalatedTo === null ? {} : { escalatedTo }),
        ms,
      });
      metrics.addMetric(IMAGE_COUNTS[state], MetricUnit.Count, 1);
      if (escalatedTo !== null) metrics.addMetric('ImagesEscalated', MetricUnit.Count, 1);
      if (state !== 'tagged') return;
      for (const step of ['read', 'decode', 'run', 'tag', 'record'] as const) {
        metrics.addMetric(STEP_TIMES[step], MetricUnit.Milliseconds, milliseconds[step]);
      }
    },

    onFailure(event, error, lastAttempt) {
      logger.error('attempt failed', {
        ...facts(event),
        lastAttempt,
        error: error instanceof Error ? error : String(error),
      });
      metrics.addMetric(ATTEMPTS_FAILED, MetricUnit.Count, 1);
      if (error instanceof ObjectAccessError) metrics.addMetric('ObjectAccessDenied', MetricUnit.Count, 1);
    },
  };
}

function facts(event: UploadEvent | null) {
  if (event === null) return {};
  if (!('name' in event)) return event;
  return { ...event.name, versionId: event.versionId };
}

function why(outcome: Outcome) {
  return outcome.kind === 'skipped' ? { why: outcome.why } : {};
}
