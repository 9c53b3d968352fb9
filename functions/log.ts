import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { environmentSchema, readEnvironment } from './environment.ts';
import { METRICS_NAMESPACE, SERVICE } from './metric-names.ts';
import { createRedactor } from './redact.ts';

/**
 * One JSON object a line. Never give it an image's bytes. Level: POWERTOOLS_LOG_LEVEL, default
 * INFO. Secrets and signed URLs are taken out of every line (redact.ts).
 */
export const logger = new Logger({ serviceName: SERVICE, jsonReplacerFn: createRedactor(process.env) });

const { AUTOSWIFTNET_STACK: stack } = readEnvironment(
  environmentSchema.pick({ AUTOSWIFTNET_STACK: true }),
  process.env,
);

/**
 * The metrics have the dimension `service`, and on AWS also `stack`: two deployments in one account
 * are counted apart.
 */
export const metrics = new Metrics({
  namespace: METRICS_NAMESPACE,
  serviceName: SERVICE,
  ...(stack === null ? {} : { defaultDimensions: { stack } }),
});
