/**
 * Most bytes of a picture in a request. Lambda's event holds 6 MB, base64 adds a third, and the
 * rest of the event needs room:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_REQUEST_BYTES = 4_400_000;

/** Shorter than the 30 s after which API Gateway gives up. Nobody would read a later answer. */
export const FUNCTION_TIMEOUT_SECONDS = 29;
