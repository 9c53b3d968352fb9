import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Classifier } from '../classifier/classifier.ts';
import { SelfTestError } from '../classifier/errors.ts';
import { asLogged } from './as-logged.ts';
import { OPENING_COUNTS } from './metric-names.ts';

/** The part of Powertools' metrics that is needed here. */
interface Counters {
  addMetric(name: string, unit: typeof MetricUnit.Count, value: number): unknown;
  publishStoredMetrics(): unknown;
}

/**
 * Opens the model in Lambda's init phase, so that no event waits for it. A failed self-test ends
 * the phase: the function gets no events, and messages stay in their queue. Any other failure is
 * only logged, and the first event tries again.
 * @throws {SelfTestError} when the model computes wrongly on this machine
 */
export async function openAtInit(
  open: () => Promise<Pick<Classifier, 'manifest' | 'fallback'>>,
  logger: Pick<Logger, 'error' | 'warn'>,
  metrics: Counters,
): Promise<void> {
  const count = (metric: string): void => {
    metrics.addMetric(metric, MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  };
  try {
    const { manifest, fallback } = await open();
    if (fallback === null) return;
    logger.warn('the model failed its self-test; a fallback is used instead', {
      answers: manifest.name,
      fallback: fallback.kind,
      error: fallback.reason,
    });
    count(OPENING_COUNTS.fallback);
  } catch (error) {
    logger.error('the model cannot be opened', asLogged(error));
    if (!(error instanceof SelfTestError)) return;
    count(OPENING_COUNTS.selfTestFailed);
    throw error;
  }
}
