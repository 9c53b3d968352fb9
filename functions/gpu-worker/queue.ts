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
 * Starting a machine with a GPU takes minutes, and there may be none for hours: requests wait as
 * long as SQS allows.
 */
export const RETENTION_DAYS = 14;
