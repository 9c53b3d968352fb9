import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { LocalRefusal } from '../functions/wire.ts';

export interface GuardOptions {
  /**
   * Origins (`http://127.0.0.1:3000`) whose pages may change things, in addition to the origin of
   * the server. Read at every request. Default: none.
   */
  readonly allowedOrigins?: readonly string[];
}

/** A request that is answered with a 403, and the reason. */
export interface Refusal {
  readonly code: LocalRefusal['title'];
  readonly detail: string;
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
): Refusal | null {
  const { host, origin } = headers;
  if (host === undefined || !LOCAL_HOST.test(host)) {
    return {
      code: 'foreign-host',
      detail: 'The Host header must be 127.0.0.1, localhost or [::1]: this port serves this machine only',
    };
  }
  if (origin === undefined || SAFE_METHODS.has(method ?? '')) return null;
  if (origin.toLowerCase() === `http://${host.toLowerCase()}` || allowedOrigins.includes(origin)) return null;
  return {
    code: 'foreign-origin',
    detail: 'The Origin header names another web page: only the page of this stack may change anything here',
  };
}

/**
 * Puts the guard in front of the listeners that answer the server's requests. Call it after those
 * listeners were added.
 */
export function guardServer(server: Server, options: GuardOptions = {}): void {
  replaceListeners(server, (request, response, proceed) => {
    const refused = refusal(request, options);
    if (refused === null) proceed();
    else sendProblem(response, 403, refused.code, refused.detail);
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

/** Answers with an RFC 9457 problem. */
export function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
  const body = JSON.stringify({ type: 'about:blank', title: code, status, detail });
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}
