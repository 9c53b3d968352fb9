/** Settings of the heavy queue, which infra and the local stack apply. */

/**
 * Visibility timeout of the queue. A worker sets its own with every receive, and extends it while
 * it works.
 */
export const VISIBILITY_TIMEOUT_SECONDS = 120;

/**
 * After this many attempts a message goes to the dead letters; the last attempt writes `failed`. It
 * is more than for uploads, because a worker that is taken away (Spot, scale-in) costs each of its
 * messages an attempt.
 */
export const MAX_RECEIVE_COUNT = 10;

/**
 * Starting a machine with a GPU takes minutes, and there may be none for hours or days. A message
 * keeps its age in the dead letters, where it must have time left to be looked at and sent back:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export const RETENTION_DAYS = 7;

/** SQS keeps no message longer. */
export const DEAD_LETTER_RETENTION_DAYS = 14;
