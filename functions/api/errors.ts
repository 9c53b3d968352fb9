import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { PROBLEMS, type Problem, type ProblemCode } from '../wire.ts';

/** The members of a problem that only some problems have. */
export type ProblemMembers = Pick<Problem, 'parameter' | 'models' | 'accepted'>;

interface ApiErrorFacts {
  readonly code: ProblemCode;
  readonly cause?: unknown;
  /** Added to the body of the answer. */
  readonly members?: ProblemMembers;
  /** Added to the headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is answered with a problem. `PROBLEMS` has the status and title for its code. */
export abstract class ApiError extends AutoSwiftNetError {
  declare readonly code: ProblemCode;
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, { code, cause, members = {}, headers = {} }: ApiErrorFacts) {
    super(message, { code, status: PROBLEMS[code].status, cause });
    this.members = members;
    this.headers = headers;
  }
}

/**
 * A parameter in the query, the path or a header is missing, unknown, given twice, or has a wrong
 * value.
 */
export class InvalidParameterError extends ApiError {
  constructor(parameter: string, message: string) {
    super(`${parameter}: ${message}`, { code: 'invalid-parameter', members: { parameter } });
  }
}

/** The body does not match its media type, or the route does not accept it. */
export class MalformedBodyError extends ApiError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-body', cause });
  }
}

/** No route has this path. */
export class RouteNotFoundError extends ApiError {
  constructor(path: string) {
    super(`there is nothing at ${path}; GET /openapi.yaml lists the paths`, { code: 'not-found' });
  }
}

/** The path exists, but not with this method. */
export class MethodNotAllowedError extends ApiError {
  constructor(method: string, path: string, allowed: readonly string[]) {
    super(`${path} does not support ${method}: send ${allowed.join(' or ')}`, {
      code: 'method-not-allowed',
      headers: { allow: allowed.join(', ') },
    });
  }
}

/** A browser asked in vain whether a page of another origin may use the API. */
export class ForeignOriginError extends ApiError {
  constructor(origin: string) {
    super(
      `pages of ${origin.slice(0, 300)} may not use this API: add this origin to corsOrigins when you deploy it (locally to AUTOSWIFTNET_CORS_ORIGINS)`,
      { code: 'foreign-origin' },
    );
  }
}

/** The bucket has no such object. */
export class ImageNotFoundError extends ApiError {
  constructor(key: string) {
    super(`the bucket has no object ${JSON.stringify(key)}`, { code: 'image-not-found' });
  }
}

/** A job waits for a heavy model, but the deployment has none any more. It is the job's reason. */
export class HeavyModelRemovedError extends AutoSwiftNetError {
  constructor(model: string) {
    super(
      `the model ${model} is not deployed any more, so the job is not answered. Send the request again to a model that GET /models lists. If the model is deployed again within a day, the job may still be answered.`,
      { code: 'heavy-model-removed', status: 410 },
    );
  }
}

/** There never was such a job, or it has expired. */
export class JobNotFoundError extends ApiError {
  constructor(id: string) {
    super(`there is no job ${id}; jobs are kept for a day`, { code: 'job-not-found' });
  }
}

/** A request with the same Idempotency-Key is not answered yet. */
export class RequestInProgressError extends ApiError {
  constructor(retryAfterSeconds: number, cause: unknown) {
    super('a request with this Idempotency-Key is still being answered: send it again later', {
      code: 'request-in-progress',
      cause,
      headers: { 'retry-after': String(retryAfterSeconds) },
    });
  }
}

/** The same Idempotency-Key came with another request. */
export class IdempotencyKeyReusedError extends ApiError {
  constructor(cause: unknown) {
    super('this Idempotency-Key was used for another request: use a new key for each request', {
      code: 'idempotency-key-reused',
      cause,
    });
  }
}

/** A body that is not a picture is larger than any valid request. */
export class BodyTooLargeError extends ApiError {
  /** @param size what it has, and that this is more: "has 20000 bytes, more than" */
  constructor(size: string, maxBytes: number) {
    super(`the body ${size} the limit of ${maxBytes} bytes: send only the fields in GET /openapi.yaml`, {
      code: 'body-too-large',
    });
  }
}

/** The route does not accept this Content-Type. */
export class UnsupportedMediaTypeError extends ApiError {
  /** @param hint a command or header that helps with just this type */
  constructor(found: string | null, accepted: readonly string[], hint = '') {
    const problem = found === null ? 'the request has no Content-Type' : `Content-Type ${found} is not supported here`;
    super(`${problem}: send ${accepted.join(' or ')}${hint}`, {
      code: 'unsupported-media-type',
      members: { accepted },
    });
  }
}

/** The body is compressed in a way that is not supported. */
export class UnsupportedContentEncodingError extends ApiError {
  constructor(found: string, accepted: readonly string[]) {
    super(`Content-Encoding ${found} is not supported: send ${accepted.join(', ')}, or the body as it is`, {
      code: 'unsupported-content-encoding',
      members: { accepted },
      headers: { 'accept-encoding': accepted.join(', ') },
    });
  }
}

/** The model is not open yet. */
export class ModelLoadingError extends ApiError {
  constructor(retryAfterSeconds: number) {
    super('the model is still being loaded: send the request again later', {
      code: 'model-loading',
      headers: { 'retry-after': String(retryAfterSeconds) },
    });
  }
}
