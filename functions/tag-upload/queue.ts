/** Settings of the uploads queue and its function, which infra and the local stack apply. */

/** Five images at the limits (50 MB, 100 megapixels) take under a minute, one after the other. */
export const FUNCTION_TIMEOUT_SECONDS = 60;

/** AWS advises six times the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const VISIBILITY_TIMEOUT_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS;

/** Messages of one call. They are handled one after the other, so that one image alone decides how much memory is needed. */
export const BATCH_SIZE = 5;

/** After this many attempts a message goes to the dead letters; the last one writes `failed`. */
export const MAX_RECEIVE_COUNT = 5;

/** The longest that SQS keeps a message. Tombstones live longer. */
export const DEAD_LETTER_RETENTION_DAYS = 14;
