import type { IncomingMessage } from 'node:http';
import { isAllowedOrigin } from '../../functions/allowed-origin.ts';
import { refusal } from '../guard.ts';
import { S3Error } from './errors.ts';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Seconds that a browser may remember the answer to a preflight. */
const PREFLIGHT_SECONDS = '600';

/**
 * Keeps web pages out: pages whose name was pointed at this machine, and pages of another origin
 * that would change something. Signatures do not help here, because every key is accepted. The
 * endpoint's own origin is not allowed either: a page from there is an object that somebody stored.
 *
 * @throws S3Error AccessDenied
 */
export function guard(request: Pick<IncomingMessage, 'method' | 'headers'>, allowedOrigins: readonly string[]): void {
  const refused = refusal(request, { allowedOrigins });
  if (refused !== null) throw new S3Error('AccessDenied', `Access Denied. ${refused.message}`);
  const { origin } = request.headers;
  if (origin !== undefined && !isAllowedOrigin(origin, allowedOrigins) && !READING.has(request.method ?? '')) {
    throw new S3Error(
      'AccessDenied',
      'Access Denied. The Origin header names a page that is stored here; it may not change anything here',
    );
  }
}

/** Makes the headers that let a page of an allowed origin read the answer. */
export function corsHeaders(origin: string | undefined, allowedOrigins: readonly string[]): Record<string, string> {
  if (origin === undefined || !isAllowedOrigin(origin, allowedOrigins)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'ETag, Location, x-amz-request-id, x-amz-version-id, x-amz-delete-marker',
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/**
 * Answers a preflight.
 * @throws S3Error AccessForbidden
 */
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
