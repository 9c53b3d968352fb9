import * as z from 'zod/mini';

/** What the API, or the network before it, answered in place of a result. */
export class ApiError extends Error {
  /** 0: no answer came at all. */
  readonly status: number;
  /** The last part of the problem's `type`, `unsupported-format` say; empty where the answer was no problem of the API's. */
  readonly code: string;
  /** From Retry-After, when it was sent. */
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

/** RFC 9457, of the API itself. */
const problemSchema = z.object({
  type: z.optional(z.string()),
  title: z.optional(z.string()),
  detail: z.optional(z.string()),
});

/** What API Gateway answers before the function is reached. */
const gatewayMessageSchema = z.object({ message: z.string() });

/** Made from an answer whose status is 400 or more; any body will do, none too. */
export async function readApiError(response: Response): Promise<ApiError> {
  const body = await readJson(response);
  const problem = problemSchema.safeParse(body);
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

/** Seconds or a date. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
