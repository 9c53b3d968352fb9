import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod/mini';
import { AutoSwiftNetError } from '../classifier/errors.ts';
import { messageOf } from '../classifier/message-of.ts';
import { anyProblemSchema, gatewayMessageSchema, PROBLEM_TYPE_PREFIX, type ProblemCode } from '../functions/wire.ts';
import { signingRegion, signRequest, type UnsignedRequest } from './sign-request.ts';
import { whyUnreachable } from './why-unreachable.ts';

/**
 * The API refused the request, or the answer did not come from an AutoSwiftNet API. The code is
 * that of the problem in the answer.
 */
export class RemoteApiError extends AutoSwiftNetError {
  constructor(code: string, status: number, message: string, cause?: unknown) {
    super(message, { code, status, cause });
  }
}

/** Body of a request, and its media type. */
export interface RemoteBody {
  readonly bytes: Uint8Array;
  readonly type: string;
}

export interface RemoteRequest {
  readonly body?: RemoteBody | undefined;
  /** A bearer token. Without one, the request is signed if the API asks for that. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The API itself gives up after 30 s. */
const ANSWER_TIMEOUT_MS = 60_000;

const STATUS_FORBIDDEN = 403;

/** Too many requests, and a model that is loading. */
const LATER: ReadonlySet<number> = new Set([429, 503]);

/** The page's number: a cold model loads within seconds, and five pauses take ten. */
const MAX_ATTEMPTS = 6;
const DEFAULT_RETRY_SECONDS = 2;
const MAX_RETRY_SECONDS = 30;

/** The code of the problem that answers an unknown path. */
const NO_ROUTE: ProblemCode = 'not-found';
const ADDRESS_HINT =
  'Check the address: it has no path of a route, so it is http://127.0.0.1:3000, not http://127.0.0.1:3000/classify.';

/**
 * Sends a request, and sends it again as long as the answer means "later": too many requests, or a
 * model that is still loading.
 */
export async function send(method: 'GET' | 'POST', url: URL, request: RemoteRequest = {}): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sendOnce(method, url, request);
    if (!LATER.has(answer.status) || attempt === MAX_ATTEMPTS) return answer;
    await discard(answer);
    await delay(retrySeconds(answer) * 1000, undefined, request.signal && { signal: request.signal });
  }
}

/** Returns after how many seconds the API wants to be asked again: its own number, or else two. */
export function retrySeconds({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after'));
  return seconds > 0 ? Math.min(seconds, MAX_RETRY_SECONDS) : DEFAULT_RETRY_SECONDS;
}

/** Sends a request, and sends it again with AWS credentials if API Gateway asks for them. */
async function sendOnce(method: 'GET' | 'POST', url: URL, { body, token, signal }: RemoteRequest): Promise<Response> {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': body.type }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const request = { method, url, headers, body: body?.bytes };
  const answer = await fetchOnce(request, signal);
  const region = signingRegion(url, process.env);
  if (answer.status !== STATUS_FORBIDDEN || region === null || token !== undefined) return answer;
  let signed: Record<string, string>;
  try {
    signed = await signRequest(request, region);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new RemoteApiError(
      'no-credentials',
      STATUS_FORBIDDEN,
      `${url.origin} refuses requests without AWS credentials, and none could be loaded: ${reason}`,
      cause,
    );
  }
  await discard(answer);
  return fetchOnce({ ...request, headers: signed }, signal);
}

async function fetchOnce(
  { method, url, headers, body }: UnsignedRequest,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    return await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new RemoteApiError('no-answer', 502, whyUnreachable(url, cause, process.env), cause);
  }
}

/**
 * Reads the body of an answer.
 * @throws {RemoteApiError} when the API refuses the request, is not an AutoSwiftNet API, or breaks
 * off its answer
 */
export async function read<Schema extends z.ZodMiniType>(
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await textOf(response);
  const body = toJson(text);
  if (!response.ok) throw refusal(response, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw notOurs(response, text.slice(0, 200));
}

/** Ends an answer whose body is not needed. It may have broken off by then. */
export async function discard({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => {});
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    // Node only says "terminated"; the cause says why.
    const { cause = error } = error as Error;
    throw new RemoteApiError(
      'no-answer',
      502,
      `the answer of ${response.url} broke off: ${messageOf(cause)}. Try again.`,
      error,
    );
  }
}

/** Reads an error answer: a problem of our API, a message of API Gateway, or anything else. */
function refusal(response: Response, body: unknown): RemoteApiError {
  const { type, detail } = anyProblemSchema.safeParse(body).data ?? {};
  if (type?.startsWith(PROBLEM_TYPE_PREFIX) && detail !== undefined) {
    const code = type.slice(PROBLEM_TYPE_PREFIX.length);
    return new RemoteApiError(code, response.status, code === NO_ROUTE ? `${detail}. ${ADDRESS_HINT}` : detail);
  }
  const message = gatewayMessageSchema.safeParse(body);
  if (!message.success) return notOurs(response, `status ${response.status}`);
  const text = `API Gateway answered with status ${response.status}: ${message.data.message}`;
  return new RemoteApiError('refused', response.status, text);
}

export function notOurs({ url }: Response, found: string): RemoteApiError {
  return new RemoteApiError(
    'not-an-api',
    502,
    `${url} is not an AutoSwiftNet API: it answered ${found}. ${ADDRESS_HINT}`,
  );
}

/** @example join(new URL('https://a.example/stage'), 'jobs/x').pathname // /stage/jobs/x */
export function join(base: URL, path: string): URL {
  return new URL(path, base.href.replace(/[?#].*$/, '').replace(/\/*$/, '/'));
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
