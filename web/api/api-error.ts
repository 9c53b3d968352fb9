import { loadSchemas } from './load-schemas.ts';

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
 * Tells whether the service or the network is away for a moment, so that the same question may get
 * an answer later.
 */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

/**
 * Makes an error from an answer with a status of 400 or more. The body may be anything, or empty.
 */
export async function readApiError(response: Response): Promise<ApiError> {
  const body = await readJson(response);
  // Without them, the status is all that is told.
  const schemas = await loadSchemas().catch(() => null);
  const problem = schemas?.anyProblemSchema.safeParse(body).data;
  const gateway = schemas?.gatewayMessageSchema.safeParse(body).data;
  const words = [
    problem?.detail ?? problem?.title,
    gateway?.message,
    `The service answered with status ${response.status}.`,
  ];
  return new ApiError(words.find((text) => text !== undefined && text !== '') ?? '', {
    status: response.status,
    code: lastPart(problem?.type),
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
