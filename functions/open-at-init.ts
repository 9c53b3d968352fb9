import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Classifier } from '../classifier/classifier.ts';
import { SelfTestError } from '../classifier/errors.ts';
import { asLogged } from './as-logged.ts';

/** Of Powertools' metrics what is needed here. */
interface Counters {
  addMetric(name: string, unit: typeof MetricUnit.Count, value: number): unknown;
  publishStoredMetrics(): unknown;
}

/**
 * Opens the model during Lambda's init phase, which costs no event any time. A model that computes wrongly here ends the phase: the function
 * never sees an event, and messages stay in their queue. Any other failure is logged; the first event tries again, and fails by itself.
 * @throws {SelfTestError}
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
    logger.warn('the model failed its self-test, a fallback answers', {
      answers: manifest.name,
      fallback: fallback.kind,
      error: fallback.reason,
    });
    count('ModelFallback');
  } catch (error) {
    logger.error('the model cannot be opened', asLogged(error));
    if (!(error instanceof SelfTestError)) return;
    count('SelfTestFailed');
    throw error;
  }
}
