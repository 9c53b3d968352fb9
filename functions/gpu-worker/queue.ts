/** Settings of the heavy queue, which infra and the local stack apply. */

/** Until a worker says otherwise: it sets the timeout itself with every receive, and extends it while work goes on. */
export const VISIBILITY_TIMEOUT_SECONDS = 120;

/**
 * After this many attempts a message goes to the dead letters; the last one writes `failed`. More than for uploads: a worker that is taken away
 * (Spot, scale-in) costs each message that it held an attempt.
 */
export const MAX_RECEIVE_COUNT = 10;

/** Starting a machine with a GPU takes minutes, and there may be none for hours: requests wait as long as SQS allows. */
export const RETENTION_DAYS = 14;
