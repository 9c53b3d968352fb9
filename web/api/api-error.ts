import { anyProblemSchema, gatewayMessageSchema } from '../../functions/wire.ts';

/** The API, or the network before it, answered with an error instead of a result. */
export class ApiError extends Error {
  /** HTTP status, or 0 if no answer arrived. */
  readonly status: number;
  /**
   * The last part of the problem's `type`, such as `unsupported-format`. Empty if the answer is not
   * a problem of the API.
   */
  readonly code: string;
  /** Taken from the Retry-After header, if there is one. */
  readonly retryAfterMs: number | null;

  constructor(message: string, { status, code = '', retryAfterMs = null, cause }: ApiErrorFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

interface ApiErrorFacts {
  readonly status: number;
  readonly code?: string;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

/**
 * Makes an error from an answer with a status of 400 or more. The body may be anything, or empty.
 */
export async function readApiError(response: Response): Promise<ApiError> {
  const body = await readJson(response);
  const problem = anyProblemSchema.safeParse(body);
  const gateway = gatewayMessageSchema.safeParse(body);
  const words = [
    problem.success ? (problem.data.detail ?? problem.data.title) : undefined,
    gateway.success ? gateway.data.message : undefined,
    `The service answered with status ${response.status}.`,
  ];
  return new ApiError(words.find((text) => text !== undefined && text !== '') ?? '', {
    status: response.status,
    code: problem.success ? lastPart(problem.data.type) : '',
    retryAfterMs: retryAfter(response.headers.get('retry-after')),
  });
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function lastPart(type = ''): string {
  return /[^/#:]*$/.exec(type)?.[0] ?? '';
}

/** Parses Retry-After, which holds seconds or a date. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
