/**
 * Most bytes of a picture in a request. Lambda's event holds 6 MB, base64 adds a third, and the
 * rest of the event needs room:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_REQUEST_BYTES = 4_400_000;

/** Most bytes of a form with a picture: the picture, and room for headers and other fields. */
export const MAX_FORM_BYTES = MAX_REQUEST_BYTES + 65_536;

/**
 * Most bytes of JSON with a picture: four characters for each three bytes, and room for the rest.
 */
export const MAX_JSON_PICTURE_BYTES = 4 * Math.ceil(MAX_REQUEST_BYTES / 3) + 16_384;

/** Shorter than the 30 s after which API Gateway gives up. Nobody would read a later answer. */
export const FUNCTION_TIMEOUT_SECONDS = 29;
