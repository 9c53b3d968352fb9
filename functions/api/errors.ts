import { AutoSwiftNetError, type ErrorFacts } from '../../classifier/errors.ts';

/** What a problem carries beside the members that all have. */
export interface ProblemMembers {
  readonly parameter?: string;
  readonly models?: readonly string[];
  readonly accepted?: readonly string[];
}

/** A request that is answered with a problem of its own; `headers` and `members` go into the answer. */
export abstract class ApiError extends AutoSwiftNetError {
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    message: string,
    facts: ErrorFacts,
    { members = {}, headers = {} }: { members?: ProblemMembers; headers?: Record<string, string> } = {},
  ) {
    super(message, facts);
    this.members = members;
    this.headers = headers;
  }
}

/** A parameter of the query, the path or a header is missing, unknown, given twice or not of its kind. */
export class InvalidParameterError extends ApiError {
  constructor(parameter: string, message: string) {
    super(`${parameter}: ${message}`, { code: 'invalid-parameter', status: 400 }, { members: { parameter } });
  }
}

/** The body is not what its media type says, or not what the route takes. */
export class MalformedBodyError extends ApiError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-body', status: 400, cause });
  }
}

/** No route has this path. */
export class RouteNotFoundError extends ApiError {
  constructor(path: string) {
    super(`there is nothing at ${path}: GET /openapi.yaml tells what there is`, { code: 'not-found', status: 404 });
  }
}

/** The path has other methods. */
export class MethodNotAllowedError extends ApiError {
  constructor(method: string, path: string, allowed: readonly string[]) {
    super(
      `${path}: expected ${allowed.join(' or ')}, found ${method}`,
      { code: 'method-not-allowed', status: 405 },
      { headers: { allow: allowed.join(', ') } },
    );
  }
}

/** The bucket has no such object. */
export class ImageNotFoundError extends ApiError {
  constructor(key: string) {
    super(`the bucket has no object ${JSON.stringify(key)}`, { code: 'image-not-found', status: 404 });
  }
}

/** There is no such job, or no more. */
export class JobNotFoundError extends ApiError {
  constructor(id: string) {
    super(`there is no job ${id}: jobs are kept for a day`, { code: 'job-not-found', status: 404 });
  }
}

/** A request with the same Idempotency-Key is not answered yet. */
export class RequestInProgressError extends ApiError {
  constructor(retryAfterSeconds: number, cause: unknown) {
    super(
      'a request with this Idempotency-Key is not answered yet: send it again later',
      { code: 'request-in-progress', status: 409, cause },
      { headers: { 'retry-after': String(retryAfterSeconds) } },
    );
  }
}

/** The same Idempotency-Key came with another request. */
export class IdempotencyKeyReusedError extends ApiError {
  constructor(cause: unknown) {
    super('this Idempotency-Key came with another request before: take a new one for each', {
      code: 'idempotency-key-reused',
      status: 422,
      cause,
    });
  }
}

/** A body that is no picture is larger than such a request ever is. */
export class BodyTooLargeError extends ApiError {
  constructor(bytes: number, maxBytes: number) {
    super(`the body has ${bytes} bytes, expected at most ${maxBytes}`, { code: 'body-too-large', status: 413 });
  }
}

/** The route does not take this Content-Type. */
export class UnsupportedMediaTypeError extends ApiError {
  constructor(found: string | null, accepted: readonly string[]) {
    super(
      `Content-Type: expected ${accepted.join(', ')}, found ${found ?? 'none'}`,
      { code: 'unsupported-media-type', status: 415 },
      { members: { accepted } },
    );
  }
}

/** The model is not open yet. */
export class ModelLoadingError extends ApiError {
  constructor(retryAfterSeconds: number) {
    super(
      'the model is still being loaded: send the request again later',
      { code: 'model-loading', status: 503 },
      { headers: { 'retry-after': String(retryAfterSeconds) } },
    );
  }
}
