/**
 * Days that a version stays in the watched bucket after it was replaced or deleted, in AWS and on a
 * laptop.
 */
export const DEFAULT_NONCURRENT_DAYS = 30;
