import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { GPU_HOURS_USED_UP } from '../metric-names.ts';
import { type GpuUsage, gpuHours } from './gpu-usage.ts';

/** Says, as log lines and as a metric, when the hours are used up and when it may start again. */
export interface LimitReport {
  /** Called at every count while the hours are used up, before the service is stopped. */
  onUsedUp(usage: GpuUsage): void;
  onResumed(usage: GpuUsage): void;
}

export function createLimitReport(logger: Logger, metrics: Metrics, hoursPerDay: number): LimitReport {
  const facts = (usage: GpuUsage) => ({ day: usage.day, gpuHours: gpuHours(usage), hoursPerDay });
  return {
    onUsedUp(usage) {
      logger.warn('the GPU hours of the day are used up; stopping the service until midnight UTC', facts(usage));
      metrics.addMetric(GPU_HOURS_USED_UP, MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    },
    onResumed(usage) {
      logger.info('there are GPU hours left again; the service may start', facts(usage));
    },
  };
}
