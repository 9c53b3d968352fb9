import type * as z from 'zod/mini';
import type * as Wire from '../../functions/wire.ts';
import { ApiError, readApiError } from './api-error.ts';
import { loadSchemas, type Schemas } from './load-schemas.ts';
import { pause } from './poll.ts';

/**
 * The part of the API in openapi.yaml that the page uses. Every method throws {@link ApiError}, or
 * the reason of the signal once that is aborted.
 */
export interface Api {
  health(signal?: AbortSignal): Promise<Wire.Health>;
  models(signal?: AbortSignal): Promise<Wire.ModelList>;
  /** Classifies a picture. An answer with `state` is the job of a heavy model. */
  classify(
    picture: Blob | StoredPicture,
    options: ClassifyOptions,
    signal: AbortSignal,
  ): Promise<Wire.Classification | Wire.Job>;
  job(id: string, signal: AbortSignal): Promise<Wire.Job>;
  images(search: ImageSearch, signal: AbortSignal): Promise<Wire.ImageList>;
  image(id: string, signal: AbortSignal): Promise<Wire.Image>;
  /** Gets a small WebP of an image of the bucket. */
  thumbnail(id: string, signal: AbortSignal): Promise<Blob>;
  /** Completes what somebody types: labels, concepts and their synonyms, the best matches first. */
  labels(query: string, signal: AbortSignal): Promise<Wire.LabelList>;
  /** Asks for permission to upload one picture to the bucket. */
  createUpload(contentType: string, signal: AbortSignal): Promise<Wire.Upload>;
}

/** An object in the bucket. */
export interface StoredPicture {
  readonly key: string;
}

export interface ClassifyOptions {
  /** Null means the default model. */
  readonly model: string | null;
  readonly explain: boolean;
  /** Stays the same when the same request is sent again. */
  readonly idempotencyKey: string;
}

export interface ImageSearch {
  /** Empty means every image, the newest first. A search has the most probable first. */
  readonly label: string;
  readonly minProbability: number;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface ApiOptions {
  /** Returns the token to send, or null for none. */
  readonly token: () => Promise<string | null>;
  readonly fetch?: typeof fetch;
  readonly sleep?: typeof pause;
  readonly timeout?: typeof AbortSignal.timeout;
}

interface Call extends RequestInit {
  readonly query?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Default: {@link REQUEST_LIMIT_MS}. */
  readonly limitMs?: number;
}

type Choose<Answer> = (schemas: Schemas) => z.ZodMiniType<Answer>;

/** Sends a request until its answer is no longer "later". */
type Send = (path: string, call: Call) => Promise<Response>;

/**
 * Statuses that mean "later": the same request is in progress, too many requests, or a model is
 * loading.
 */
const LATER: ReadonlySet<number> = new Set([409, 429, 503]);

/**
 * A cold model loads within seconds. Five retries at the pace that the API asks for take half a
 * minute.
 */
const MAX_ATTEMPTS = 6;
const DEFAULT_RETRY_MS = 2_000;
const MAX_RETRY_MS = 30_000;

/**
 * API Gateway ends a request after 30 s. A laptop answers one request after the other, so one may
 * wait for those before it.
 */
const REQUEST_LIMIT_MS = 60_000;

/** A picture of 4.4 MB takes two minutes by a line of 300 kbit/s, and waits for its answer then. */
const CLASSIFY_LIMIT_MS = 180_000;

const NEVER = new AbortController().signal;

/** @example await createApi({ token: async () => null }).models() */
export function createApi(options: ApiOptions): Api {
  const send = sender(options);
  const ask = async <Answer>(path: string, choose: Choose<Answer>, call: Call) => {
    const response = await send(path, call);
    const text = await reach(() => response.text(), call.signal);
    return readAnswer(text, response.status, await reach(loadSchemas, call.signal), choose);
  };
  return {
    health: (signal = NEVER) => ask('health', (schemas) => schemas.healthSchema, { signal }),
    models: (signal = NEVER) => ask('models', (schemas) => schemas.modelListSchema, { signal }),
    classify: (picture, { model, explain, idempotencyKey }, signal) =>
      ask('classify', (schemas) => schemas.union([schemas.classificationSchema, schemas.jobSchema]), {
        method: 'POST',
        query: { ...(model === null ? {} : { model }), ...(explain ? { explain: 'true' } : {}) },
        headers: { 'content-type': mediaType(picture), 'idempotency-key': idempotencyKey },
        body: picture instanceof Blob ? picture : JSON.stringify(picture),
        signal,
        limitMs: CLASSIFY_LIMIT_MS,
      }),
    job: (id, signal) => ask(`jobs/${encodeURIComponent(id)}`, (schemas) => schemas.jobSchema, { signal }),
    images: async ({ label, minProbability, cursor, limit }, signal) => {
      const page = await ask('images', (schemas) => schemas.imageListSchema, {
        query: {
          limit: String(limit),
          ...(label === '' ? { order: 'newest' } : { label, minProbability: String(minProbability) }),
          ...(cursor === null ? {} : { cursor }),
        },
        signal,
      });
      await untilNextTask();
      return page;
    },
    image: (id, signal) => ask(`images/${encodeURIComponent(id)}`, (schemas) => schemas.imageSchema, { signal }),
    thumbnail: async (id, signal) => {
      const answer = await send(`images/${encodeURIComponent(id)}/thumbnail`, { signal });
      return reach(() => answer.blob(), signal);
    },
    labels: (query, signal) => ask('labels', (schemas) => schemas.labelListSchema, { query: { query }, signal }),
    createUpload: (contentType, signal) =>
      ask('uploads', (schemas) => schemas.uploadSchema, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ contentType }),
        signal,
      }),
  };
}

/**
 * The service detects the format from the bytes. A wrong type from the browser must not get the
 * picture refused.
 */
function mediaType(picture: Blob | StoredPicture): string {
  return picture instanceof Blob ? 'application/octet-stream' : 'application/json';
}

/**
 * Sends one request, and sends it again as long as the answer means "later". Its limit is that of
 * each attempt: the token, the answer and its body.
 */
function sender({
  token,
  fetch: send = globalThis.fetch.bind(globalThis),
  sleep = pause,
  timeout = (ms) => AbortSignal.timeout(ms),
}: ApiOptions): Send {
  return async (path, { query = {}, limitMs = REQUEST_LIMIT_MS, ...request }) => {
    const search = new URLSearchParams(query).toString();
    const url = `/${path}${search === '' ? '' : `?${search}`}`;
    for (let attempt = 1; ; attempt += 1) {
      const signal = AbortSignal.any([request.signal, timeout(limitMs)]);
      const response = await reach(async () => {
        const bearer = await orEnd(token(), signal);
        const headers = new Headers(request.headers);
        if (bearer !== null) headers.set('authorization', `Bearer ${bearer}`);
        return send(url, { ...request, headers, signal });
      }, request.signal);
      if (response.ok) return response;
      const error = await readApiError(response);
      if (!LATER.has(error.status) || attempt === MAX_ATTEMPTS) throw error;
      await sleep(Math.min(MAX_RETRY_MS, error.retryAfterMs ?? DEFAULT_RETRY_MS), request.signal);
    }
  };
}

/** Waits no longer than the signal allows. What is waited for goes on, because others may share it. */
function orEnd<Value>(wanted: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    wanted.then(resolve, reject);
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** @throws {ApiError} of status 0 when no answer comes, or the reason of the signal */
async function reach<Answer>(send: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  try {
    return await send();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ApiError) throw cause;
    const isLate = cause instanceof DOMException && cause.name === 'TimeoutError';
    const words = isLate ? 'No answer arrived in time.' : 'The connection failed, so no answer arrived.';
    throw new ApiError(words, { status: 0, cause });
  }
}

/** A page of images is checked in one task and drawn in another, so that a click waits for one only. */
function untilNextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function readAnswer<Answer>(text: string, status: number, schemas: Schemas, choose: Choose<Answer>): Answer {
  const parsed = choose(schemas).safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ApiError(
    `This page cannot read the answer of the service (${schemas.prettifyError(parsed.error).split('\n')[0]}). The page and the service may have different versions: reload the page.`,
    { status, code: 'unexpected-answer', cause: parsed.error },
  );
}

/** Null if the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
