import { isAllowedOrigin } from '../allowed-origin.ts';
import { ForeignOriginError } from './errors.ts';
import { type ApiResponse, NOT_STORED } from './response.ts';
import { ROUTE_PATHS } from './route-paths.ts';

/** The facts of a request that CORS needs (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export interface CorsRequest {
  readonly method: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Every method of a route, and HEAD, which GET routes have as well. */
const METHODS = [...new Set(['HEAD', ...ROUTE_PATHS.map(({ method }) => method)])].sort().join(', ');

/** The headers of answers that a page may read, besides those that every page may read. */
const EXPOSED_HEADERS = 'accept-encoding, allow, apigw-requestid, location, retry-after';

/** Seconds for which a browser remembers the answer to a preflight. */
export const CORS_MAX_AGE_SECONDS = 3600;

/**
 * Returns whether a request is a browser's question whether a page may send another request. Every
 * other OPTIONS request is none of CORS's business.
 */
export function isPreflight({ method, headers }: CorsRequest): boolean {
  return method === 'OPTIONS' && Boolean(headers['origin']) && Boolean(headers['access-control-request-method']);
}

/**
 * Answers a preflight. Any path passes: the page then reads the 404 itself. Any header passes,
 * because the API uses no cookies.
 * @throws {ForeignOriginError}
 */
export function answerPreflight({ headers }: CorsRequest, allowed: readonly string[]): ApiResponse {
  const origin = headers['origin'] ?? '';
  if (!isAllowedOrigin(origin, allowed)) throw new ForeignOriginError(origin);
  const wanted = headers['access-control-request-headers'];
  return {
    statusCode: 204,
    headers: {
      ...NOT_STORED,
      'access-control-allow-methods': METHODS,
      ...(wanted === undefined ? {} : { 'access-control-allow-headers': wanted }),
      'access-control-max-age': String(CORS_MAX_AGE_SECONDS),
    },
    body: '',
    isBase64Encoded: false,
  };
}

/** Returns the headers that let a page of an allowed origin read an answer. */
export function corsHeaders(origin: string | undefined, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {};
  const vary = { vary: 'Origin' };
  if (origin === undefined || !isAllowedOrigin(origin, allowed)) return vary;
  return { ...vary, 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED_HEADERS };
}
