import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { UnknownModelError } from '../routing/errors.ts';
import { ApiError, type ProblemMembers } from './errors.ts';
import { type ApiResponse, answer } from './response.ts';

/** Where a problem came up. */
export interface ProblemPlace {
  readonly path: string;
  readonly requestId: string;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Every problem's `type` is this and an error's code. */
export const PROBLEM_TYPE_PREFIX = 'urn:autoswiftnet:problem:';

/** In words, by code. An error of a code that is not here is ours, and told as `internal`. */
export const PROBLEM_TITLES = {
  'invalid-parameter': 'A parameter cannot be used',
  'malformed-body': 'The body cannot be read',
  'not-found': 'There is no such path',
  'unknown-model': 'There is no such model',
  'image-not-found': 'There is no such image',
  'job-not-found': 'There is no such job',
  'method-not-allowed': 'The path does not have this method',
  'request-in-progress': 'The same request is not answered yet',
  'body-too-large': 'The body is too large',
  'image-too-large': 'The picture has too many bytes',
  'too-many-pixels': 'The picture has too many pixels',
  'unsupported-media-type': 'The media type is not taken',
  'not-an-image': 'The bytes are no picture',
  'unsupported-format': 'The picture is of a format that is not decoded',
  'truncated-image': 'The picture ends early or is damaged',
  'idempotency-key-reused': 'The Idempotency-Key belongs to another request',
  internal: 'The request could not be answered',
  'model-loading': 'The model is being loaded',
} as const;

type ProblemCode = keyof typeof PROBLEM_TITLES;

/** An error as an RFC 9457 problem. What is not meant for the client (a fault of ours, a stack) stays out of it. */
export function toProblem(error: unknown, { path, requestId }: ProblemPlace): ApiResponse {
  const code = codeOf(error);
  const known = code === 'internal' ? null : (error as AutoSwiftNetError);
  const { members = {}, headers = {} } = known instanceof ApiError ? known : { members: membersOf(known) };
  const status = known?.status ?? 500;
  const problem = {
    type: `${PROBLEM_TYPE_PREFIX}${code}`,
    title: PROBLEM_TITLES[code],
    status,
    detail:
      known?.message ??
      `a fault of ours, which the log has under ${requestId}: send the request again, or report that number`,
    instance: encodeURI(Buffer.from(path).toString()),
    requestId,
    ...members,
  };
  return answer(status, PROBLEM_MEDIA_TYPE, JSON.stringify(problem), headers);
}

/** Whether the error is a fault of ours, which belongs into the log. */
export function isInternal(error: unknown): boolean {
  return codeOf(error) === 'internal';
}

/** What an error of another room adds to its problem. */
function membersOf(error: AutoSwiftNetError | null): ProblemMembers {
  return error instanceof UnknownModelError ? { models: error.models } : {};
}

function codeOf(error: unknown): ProblemCode {
  return error instanceof AutoSwiftNetError && isProblemCode(error.code) ? error.code : 'internal';
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEM_TITLES, code);
}
