/**
 * Settings of the dead-letter queue of the uploads and of the function that reads it. Both the CDK
 * app and the local stack use them.
 */
import * as uploads from '../tag-upload/queue.ts';

/** The function waits for the tagging function, and needs time for its own calls besides. */
const OWN_SECONDS = 30;

/**
 * AWS advises six times the function's timeout:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const TIMEOUTS_INVISIBLE = 6;

/**
 * After this many receives SQS itself parks a dead letter. AWS does not say whether the receives in
 * the uploads queue count as well, and some emulators count them. Either way there are five, the
 * least that AWS advises for a queue that a function reads: a throttled call counts, too.
 */
export const MAX_RECEIVE_COUNT = uploads.MAX_RECEIVE_COUNT + 5;

/** SQS keeps no message longer. */
export const PARKED_RETENTION_DAYS = 14;

/**
 * Returns the seconds after which Lambda ends a call with one dead letter.
 * @param tagBatchSize of the tagging function, on which its own timeout depends
 */
export function functionTimeoutSeconds(tagBatchSize: number): number {
  return uploads.functionTimeoutSeconds(tagBatchSize) + OWN_SECONDS;
}

/** Returns the seconds that a received dead letter stays hidden. */
export function visibilityTimeoutSeconds(tagBatchSize: number): number {
  return TIMEOUTS_INVISIBLE * functionTimeoutSeconds(tagBatchSize);
}

/** The local stack has the default batch size. */
export const FUNCTION_TIMEOUT_SECONDS = functionTimeoutSeconds(uploads.DEFAULT_BATCH_SIZE);
export const VISIBILITY_TIMEOUT_SECONDS = visibilityTimeoutSeconds(uploads.DEFAULT_BATCH_SIZE);
