/**
 * Matches what may stand in a list of allowed origins, as S3 has it: an origin, in which one `*`
 * stands for any text, or `*` alone for every origin.
 */
export const ALLOWED_ORIGIN = /^(\*|https?:\/\/[^\s/*]*\*?[^\s/*]*)$/;

/**
 * Tells whether pages of an origin may use a service.
 * @param origin the request's header of that name
 * @example isAllowedOrigin('https://a.example.org', ['https://*.example.org']) // true
 */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => {
    const [start = '', end] = pattern.split('*');
    if (end === undefined) return origin === pattern;
    return origin.length >= start.length + end.length && origin.startsWith(start) && origin.endsWith(end);
  });
}
