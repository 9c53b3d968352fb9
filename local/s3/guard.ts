import { S3Error } from './errors.ts';

/** What a browser page may send from, and what its preflight asks. */
interface Caller {
  readonly method: string;
  readonly headers: { readonly host?: string | undefined; readonly origin?: string | undefined };
}

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** How long a browser may remember a preflight. */
const PREFLIGHT_SECONDS = '600';

/**
 * Keeps web pages out: a Host of another name is a page that rebound its name to this machine, and a foreign Origin
 * must not change anything. Signatures cannot tell, as every key is accepted.
 *
 * @throws S3Error AccessDenied
 */
export function guard({ method, headers: { host, origin } }: Caller, allowedOrigins: readonly string[]): void {
  if (host === undefined || !LOCAL_HOST.test(host)) {
    throw new S3Error(
      'AccessDenied',
      'Access Denied: the Host header must name 127.0.0.1, localhost or [::1] (path-style addressing: forcePathStyle).',
    );
  }
  if (origin !== undefined && !allowedOrigins.includes(origin) && !READING.has(method)) {
    throw new S3Error('AccessDenied', 'Access Denied: a page of another origin must not change anything here.');
  }
}

/** The headers by which a page of an allowed origin may read the answer. */
export function corsHeaders(origin: string | undefined, allowedOrigins: readonly string[]): Record<string, string> {
  if (origin === undefined || !allowedOrigins.includes(origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'ETag, Location, x-amz-request-id, x-amz-version-id, x-amz-delete-marker',
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** The answer to a preflight. @throws S3Error AccessForbidden */
export function answerPreflight(
  headers: ReadonlyMap<string, string>,
  allowedOrigins: readonly string[],
): Record<string, string> {
  const origin = headers.get('origin');
  const granted = corsHeaders(origin, allowedOrigins);
  if (granted['access-control-allow-origin'] === undefined || !headers.has('access-control-request-method')) {
    throw new S3Error('AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  }
  const wanted = headers.get('access-control-request-headers');
  return {
    ...granted,
    'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    ...(wanted === undefined ? {} : { 'access-control-allow-headers': wanted }),
    'access-control-max-age': PREFLIGHT_SECONDS,
  };
}
