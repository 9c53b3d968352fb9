import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE, SERVICE } from '../../functions/metric-names.ts';
import type { Core } from './core.ts';

/** A count of our own, summed over all programs of the service. */
export function ownCount({ name }: Pick<Core, 'name'>, metricName: string, period: Duration): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: SERVICE, stack: name },
    statistic: 'Sum',
    period,
  });
}
