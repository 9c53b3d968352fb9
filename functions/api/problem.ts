import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { TableBusyError } from '../records/errors.ts';
import { UnknownModelError } from '../routing/errors.ts';
import { PROBLEM_TYPE_PREFIX, PROBLEMS, type Problem, type ProblemCode } from '../wire.ts';
import { ApiError } from './errors.ts';
import { type ApiResponse, answer } from './response.ts';

/** The request that a problem belongs to. */
export interface ProblemPlace {
  readonly path: string;
  readonly requestId: string;
}

/** A table adapts to more requests within minutes, but a short burst is over sooner. */
const TABLE_BUSY_SECONDS = 2;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * Makes an RFC 9457 problem from an error. It leaves out what is not meant for the client: the text
 * of a fault of ours, and its stack.
 */
export function toProblem(error: unknown, { path, requestId }: ProblemPlace): ApiResponse {
  const code = codeOf(error);
  const known = code === 'internal' ? null : (error as AutoSwiftNetError);
  const { members = {}, headers = {} } = known instanceof ApiError ? known : extrasOf(known);
  const { status, title } = PROBLEMS[code];
  const problem: Problem = {
    type: `${PROBLEM_TYPE_PREFIX}${code}`,
    title,
    status,
    detail:
      known?.message ??
      `the request failed inside the API; its log has the cause under the request id ${requestId}: send the request again, or report that id`,
    instance: pathReference(path),
    requestId,
    ...members,
  };
  return answer(status, PROBLEM_MEDIA_TYPE, JSON.stringify(problem), headers);
}

/**
 * Writes a decoded path as a URI reference. What would begin a fragment, a query or the name of a
 * host is encoded.
 */
function pathReference(path: string): string {
  return encodeURI(Buffer.from(path).toString()).replaceAll('#', '%23').replaceAll('?', '%3F').replace(/^\/\//, '/%2F');
}

/** Whether the error is a fault of ours, which must be logged. */
export function isInternal(error: unknown): boolean {
  return codeOf(error) === 'internal';
}

/** Returns what a problem has besides if its error is not an {@link ApiError}. */
function extrasOf(error: AutoSwiftNetError | null): Partial<Pick<ApiError, 'members' | 'headers'>> {
  if (error instanceof UnknownModelError) return { members: { models: error.models } };
  if (error instanceof TableBusyError) return { headers: { 'retry-after': String(TABLE_BUSY_SECONDS) } };
  return {};
}

function codeOf(error: unknown): ProblemCode {
  return error instanceof AutoSwiftNetError && isProblemCode(error.code) ? error.code : 'internal';
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
