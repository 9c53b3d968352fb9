import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { createReport } from '../tag-upload/report.ts';
import type { DeadLetterObserver } from './dead-letter.ts';

/**
 * Writes a log line and counts for each dead letter: `dead letter recovered` or `dead letter
 * parked`, with its messageId. Before that come the lines about its images, as the tagging function
 * writes them.
 */
export function createDeadLetterReport(logger: Logger, metrics: Metrics): DeadLetterObserver {
  return {
    ...createReport(logger, metrics),

    onRecovered({ messageId }) {
      logger.info('dead letter recovered', { messageId });
      metrics.addMetric('DeadLettersRecovered', MetricUnit.Count, 1);
    },

    onParked({ messageId }, error) {
      logger.error('dead letter parked', { messageId, error });
      metrics.addMetric('DeadLettersParked', MetricUnit.Count, 1);
    },
  };
}
