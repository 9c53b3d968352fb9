/**
 * Settings of the uploads queue and its function. Both the CDK app and the local stack use them.
 */

/** Five images at the limits (50 MB, 100 megapixels) take under a minute, one after the other. */
export const FUNCTION_TIMEOUT_SECONDS = 60;

/**
 * AWS advises six times the function's timeout:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export const VISIBILITY_TIMEOUT_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS;

/**
 * Messages in one call. They are handled one after the other, so the memory of one image is enough.
 */
export const BATCH_SIZE = 5;

/**
 * After this many attempts a message goes to the dead letters. The last attempt writes `failed`.
 */
export const MAX_RECEIVE_COUNT = 5;

/** SQS keeps no message longer. Tombstones live longer than this. */
export const DEAD_LETTER_RETENTION_DAYS = 14;
