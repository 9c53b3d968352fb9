import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

const SERVICE = 'autoswiftnet';

/** Namespace of every metric, in CloudWatch and in the embedded metric lines on standard output. */
export const METRICS_NAMESPACE = 'AutoSwiftNet';

/**
 * One JSON object a line. Never give it an image's bytes. Level: POWERTOOLS_LOG_LEVEL, default
 * INFO.
 */
export const logger = new Logger({ serviceName: SERVICE });

export const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: SERVICE });
