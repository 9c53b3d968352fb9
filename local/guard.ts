import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { isAllowedOrigin } from '../functions/allowed-origin.ts';
import { ApiError, ForeignOriginError } from '../functions/api/errors.ts';
import { PROBLEM_TYPE_PREFIX, PROBLEMS } from '../functions/wire.ts';

export interface GuardOptions {
  /**
   * Origins (`http://127.0.0.1:3000`) whose pages may change things, in addition to the origin of
   * the server. Read at every request. Default: none.
   */
  readonly allowedOrigins?: readonly string[];
}

/** A request came for another host than this machine. */
export class ForeignHostError extends ApiError {
  constructor() {
    super('The Host header must be 127.0.0.1, localhost or [::1]: this port serves this machine only', {
      code: 'foreign-host',
    });
  }
}

/** Host names that reach this machine without a name server that someone else controls. */
const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/** Methods that change nothing. A page of another origin cannot read their answers. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Decides which requests a local port refuses. A foreign Host means DNS rebinding: a web page whose
 * own name was made to point at this machine. A foreign Origin means that a page of another site
 * sends requests here; its preflights (OPTIONS) are refused as well.
 */
export function refusal(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  { allowedOrigins = [] }: GuardOptions = {},
): ApiError | null {
  const { host, origin } = headers;
  if (host === undefined || !LOCAL_HOST.test(host)) {
    return new ForeignHostError();
  }
  if (origin === undefined || SAFE_METHODS.has(method ?? '')) return null;
  if (origin.toLowerCase() === `http://${host.toLowerCase()}` || isAllowedOrigin(origin, allowedOrigins)) return null;
  return new ForeignOriginError(origin);
}

/**
 * Puts the guard in front of the listeners that answer the server's requests. Call it after those
 * listeners were added.
 */
export function guardServer(server: Server, options: GuardOptions = {}): void {
  replaceListeners(server, (request, response, proceed) => {
    const refused = refusal(request, options);
    if (refused === null) proceed();
    else sendRefusal(response, refused);
  });
}

/** Lets `filter` decide for each request whether the server's present listeners see it. */
export function replaceListeners(
  server: Server,
  filter: (request: IncomingMessage, response: ServerResponse, proceed: () => void) => void,
): void {
  const behind = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }) => {
    filter(request, response, () => {
      for (const listener of behind) listener.call(server, request, response);
    });
  });
}

/** Answers with an RFC 9457 problem that has no type of its own. */
export function sendProblem(response: ServerResponse, status: number, title: string, detail: string): void {
  send(response, { type: 'about:blank', title, status, detail });
}

/** Answers with the API's own problem of this kind. */
function sendRefusal(response: ServerResponse, refused: ApiError): void {
  const { code, message } = refused;
  send(response, { type: `${PROBLEM_TYPE_PREFIX}${code}`, ...PROBLEMS[code], detail: message });
}

function send(
  response: ServerResponse,
  problem: { readonly status: number } & Readonly<Record<string, unknown>>,
): void {
  const body = JSON.stringify(problem);
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}
