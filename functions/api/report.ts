import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { asLogged } from '../as-logged.ts';
import { isInternal } from './problem.ts';

/** The facts of a request that are logged: never its body, query or credentials. */
export interface AnsweredRequest {
  readonly method: string;
  /**
   * The path as openapi.yaml has it. The requested path is not logged, because it may name an
   * object.
   */
  readonly route: string;
  readonly status: number;
  readonly requestId: string;
  readonly ms: number;
}

/** Called for each answered request, with the error that caused the answer, if any. */
export type ApiReport = (request: AnsweredRequest, error: unknown) => void;

/**
 * Writes one log line and the metrics of each request. The line says `request answered`, or
 * `request failed` if that was our fault.
 */
export function createApiReport(logger: Logger, metrics: Metrics): ApiReport {
  return (request, error) => {
    metrics.addMetric('Requests', MetricUnit.Count, 1);
    metrics.addMetric('RequestTime', MetricUnit.Milliseconds, request.ms);
    if (error !== undefined && isInternal(error)) {
      metrics.addMetric('RequestsFailed', MetricUnit.Count, 1);
      logger.error('request failed', { ...request, error: asLogged(error) });
      return;
    }
    if (request.status >= 400) metrics.addMetric('RequestsRefused', MetricUnit.Count, 1);
    logger.info('request answered', { ...request });
  };
}
