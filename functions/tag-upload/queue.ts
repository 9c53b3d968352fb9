/**
 * Settings of the uploads queue and its function. Both the CDK app and the local stack use them.
 */

/** Messages in one call. While one image is decoded and classified, others wait for the network. */
export const DEFAULT_BATCH_SIZE = 10;

/** A call for the largest batch may then take ten minutes, of Lambda's fifteen. */
export const MAX_BATCH_SIZE = 50;

/** An image at the limits (50 MB, 100 megapixels) takes less. */
const SECONDS_PER_IMAGE = 12;
/** Leaves time to open the model, and for calls that are tried again. */
const MIN_TIMEOUT_SECONDS = 60;

/**
 * AWS advises six times the function's timeout, and the time that a batch is waited for:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const TIMEOUTS_INVISIBLE = 6;

/** Returns the seconds after which Lambda ends a call with a batch of this size. */
export function functionTimeoutSeconds(batchSize: number): number {
  return Math.max(MIN_TIMEOUT_SECONDS, SECONDS_PER_IMAGE * batchSize);
}

/** Returns the seconds that a received message stays hidden. */
export function visibilityTimeoutSeconds(batchSize: number, windowSeconds: number): number {
  return TIMEOUTS_INVISIBLE * functionTimeoutSeconds(batchSize) + windowSeconds;
}

/** The local stack has the default batch size, and hands over what waits at once. */
export const FUNCTION_TIMEOUT_SECONDS = functionTimeoutSeconds(DEFAULT_BATCH_SIZE);
export const VISIBILITY_TIMEOUT_SECONDS = visibilityTimeoutSeconds(DEFAULT_BATCH_SIZE, 0);

/**
 * After this many attempts a message goes to the dead letters. The last attempt writes `failed` if
 * it can. If it crashes, the function of the dead letters does (`functions/dead-letters/`).
 */
export const MAX_RECEIVE_COUNT = 5;

/** SQS keeps no message longer. Tombstones live longer than this. */
export const DEAD_LETTER_RETENTION_DAYS = 14;
