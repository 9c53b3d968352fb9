import type * as z from 'zod/mini';
import { AutoSwiftNetError } from '../classifier/errors.ts';
import type { ClassifyEntry } from '../classifier/index.ts';
import { messageOf } from '../classifier/message-of.ts';
import {
  anyProblemSchema,
  classificationSchema,
  gatewayMessageSchema,
  jobSchema,
  PROBLEM_TYPE_PREFIX,
} from '../functions/wire.ts';
import { signingRegion, signRequest, type UnsignedRequest } from './sign-request.ts';

/**
 * The API refused the request, or the answer did not come from an AutoSwiftNet API. The code is
 * that of the problem in the answer.
 */
export class RemoteClassifyError extends AutoSwiftNetError {
  constructor(code: string, status: number, message: string, cause?: unknown) {
    super(message, { code, status, cause });
  }
}

export interface RemoteOptions {
  /** URL of the API; it may have a path. */
  readonly url: URL;
  /** Name of the model at the API. If undefined, the API uses its default. */
  readonly model: string | undefined;
  readonly top: number;
  /** Prints a line for the user that says what is being waited for. */
  readonly say: (line: string) => void;
}

/** An entry, and the name of the model that gave it. */
export interface RemoteEntry {
  readonly entry: ClassifyEntry;
  readonly model: string;
}

/** The API itself gives up after 30 s. */
const ANSWER_TIMEOUT_MS = 60_000;

/** A heavy model may first need a new machine, which takes minutes to start. */
const JOB_TIMEOUT_MS = 15 * 60_000;
const DEFAULT_POLL_SECONDS = 2;
const MAX_POLL_SECONDS = 30;

const STATUS_FORBIDDEN = 403;

/**
 * Classifies an image through an HTTP API. If a heavy model answers, it waits for the job.
 * @throws {RemoteClassifyError} when the API refuses the image, or is not an AutoSwiftNet API
 */
export async function classifyRemote(bytes: Uint8Array, file: string, options: RemoteOptions): Promise<RemoteEntry> {
  const target = join(options.url, 'classify');
  const model = options.model === undefined ? '' : `&model=${encodeURIComponent(options.model)}`;
  target.search = `?top=${options.top}${model}`;
  const start = performance.now();
  const response = await send('POST', target, bytes);
  if (response.status === 202) return waitForJob(response, file, start, options);
  const { model: answered, predictions, image, timings } = await read(response, classificationSchema);
  const { decode, run, total } = timings;
  return { entry: { predictions, image, timings: { decode, run, total } }, model: answered };
}

async function waitForJob(
  accepted: Response,
  file: string,
  start: number,
  options: RemoteOptions,
): Promise<RemoteEntry> {
  const location = accepted.headers.get('location');
  if (location === null) throw notOurs(accepted, 'status 202 without a Location header');
  await accepted.body?.cancel();
  const job = join(options.url, location.replace(/^\//, ''));
  options.say(`${file}: waiting for the heavy model (job ${job.href})`);
  let pause = pollSeconds(accepted);
  while (performance.now() - start < JOB_TIMEOUT_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    const response = await send('GET', job);
    const { result, reason } = await read(response, jobSchema);
    if (reason !== null) throw new RemoteClassifyError(reason.code, 422, reason.message);
    if (result !== null) {
      const { model, predictions, image } = result;
      const total = performance.now() - start;
      return { entry: { predictions, image, timings: { decode: 0, run: 0, total } }, model };
    }
    pause = pollSeconds(response);
  }
  throw new RemoteClassifyError(
    'job-timeout',
    504,
    `the heavy model did not answer within ${JOB_TIMEOUT_MS / 60_000} minutes; look for the result later at ${job.href}`,
  );
}

/** Sends a request, and sends it again with AWS credentials if API Gateway asks for them. */
async function send(method: 'GET' | 'POST', url: URL, body?: Uint8Array): Promise<Response> {
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/octet-stream' };
  const request = { method, url, headers, body };
  const answer = await fetchOnce(request);
  const region = signingRegion(url, process.env);
  if (answer.status !== STATUS_FORBIDDEN || region === null) return answer;
  let signed: Record<string, string>;
  try {
    signed = await signRequest(request, region);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new RemoteClassifyError(
      'no-credentials',
      STATUS_FORBIDDEN,
      `${url.origin} refuses requests without AWS credentials, and none could be loaded: ${reason}`,
      cause,
    );
  }
  await answer.body?.cancel();
  return fetchOnce({ ...request, headers: signed });
}

async function fetchOnce({ method, url, headers, body }: UnsignedRequest): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
  } catch (cause) {
    const told = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw new RemoteClassifyError('no-answer', 502, `${url.origin} cannot be reached: ${messageOf(told)}`, cause);
  }
}

async function read<Schema extends z.ZodMiniType>(response: Response, schema: Schema): Promise<z.output<Schema>> {
  const text = await response.text();
  const body = toJson(text);
  if (!response.ok) throw refusal(response, body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw notOurs(response, text.slice(0, 200));
}

/** Reads an error answer: a problem of our API, a message of API Gateway, or anything else. */
function refusal(response: Response, body: unknown): RemoteClassifyError {
  const { type, detail } = anyProblemSchema.safeParse(body).data ?? {};
  if (type?.startsWith(PROBLEM_TYPE_PREFIX) && detail !== undefined) {
    return new RemoteClassifyError(type.slice(PROBLEM_TYPE_PREFIX.length), response.status, detail);
  }
  const message = gatewayMessageSchema.safeParse(body);
  if (!message.success) return notOurs(response, `status ${response.status}`);
  const text = `API Gateway answered with status ${response.status}: ${message.data.message}`;
  return new RemoteClassifyError('refused', response.status, text);
}

function notOurs({ url }: Response, found: string): RemoteClassifyError {
  return new RemoteClassifyError(
    'not-an-api',
    502,
    `${url} is not an AutoSwiftNet API: it answered ${found}. Check the --url option.`,
  );
}

function pollSeconds(response: Response): number {
  const seconds = Number(response.headers.get('retry-after'));
  return seconds > 0 ? Math.min(seconds, MAX_POLL_SECONDS) : DEFAULT_POLL_SECONDS;
}

/** @example join(new URL('https://a.example/stage'), 'jobs/x').pathname // /stage/jobs/x */
function join(base: URL, path: string): URL {
  return new URL(path, base.href.replace(/[?#].*$/, '').replace(/\/*$/, '/'));
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
