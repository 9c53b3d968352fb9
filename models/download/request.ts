import { DownloadError } from './errors.ts';

/** The answer to one GET; its headers are read, its body is not. */
export interface Answer {
  readonly response: Response;
  /** Call this whenever data arrives; the next data must follow within `stallTimeoutMs`. */
  alive(): void;
  /** Stops the timer, and closes the connection if the body was not read to its end. */
  close(): void;
}

export interface Patience {
  /**
   * Time from the call to the first byte of the answer, including name resolution, connection and
   * redirects.
   */
  readonly firstByteTimeoutMs: number;
  /** Time between two pieces of the body. */
  readonly stallTimeoutMs: number;
}

/** Object stores and mirrors redirect once or twice; a longer chain is a loop. */
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** When a server asks to wait longer than this, a single command does not wait for it. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Sends a GET, starting at byte `offset` if that is above 0, and follows redirects. The body
 * arrives as it is stored, without content encoding.
 * @throws {DownloadError} when there is no answer, or one that cannot be part of a file (an error
 *   status or a web page)
 */
export async function request(
  url: string,
  patience: Patience,
  range?: { offset: number; etag: string | null },
): Promise<Answer> {
  const controller = new AbortController();
  let patienceMs = patience.firstByteTimeoutMs;
  let timer = setTimeout(giveUp, patienceMs);
  function giveUp(): void {
    controller.abort(new DownloadError(`${url}: no data arrived for ${patienceMs / 1000} s`, { transient: true }));
  }
  const close = (): void => {
    clearTimeout(timer);
    controller.abort();
  };
  try {
    const response = await follow(url, headersFor(range), controller.signal);
    refuseOther(url, response);
    const alive = (): void => {
      clearTimeout(timer);
      patienceMs = patience.stallTimeoutMs;
      timer = setTimeout(giveUp, patienceMs);
    };
    return { response, alive, close };
  } catch (error) {
    close();
    throw asDownloadError(url, error);
  }
}

/**
 * Turns the failure of a connection into a transient error that names the URL and the system's
 * reason.
 */
export function asDownloadError(url: string, error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  return new DownloadError(`${url}: the connection failed (${reasonOf(error)})`, { transient: true, cause: error });
}

function headersFor(range: { offset: number; etag: string | null } | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity', 'user-agent': 'autoswiftnet' };
  if (range && range.offset > 0) {
    headers['range'] = `bytes=${range.offset}-`;
    // If-Range needs a strong ETag: with a weak one, every server would send the whole file.
    if (range.etag && !range.etag.startsWith('W/')) headers['if-range'] = range.etag;
  }
  return headers;
}

async function follow(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  let location = new URL(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await fetch(location.href, { headers, signal, redirect: 'manual' });
    const target = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || target === null) return response;
    await response.body?.cancel();
    const next = URL.canParse(target, location.href) ? new URL(target, location) : null;
    if (!next || (next.protocol !== location.protocol && next.protocol !== 'https:')) {
      throw new DownloadError(`${location}: the server redirects to ${target}, which is not allowed`, {
        transient: false,
      });
    }
    location = next;
  }
  throw new DownloadError(`${url}: the server redirects more than ${MAX_REDIRECTS} times`, { transient: false });
}

function refuseOther(url: string, response: Response): void {
  const { status, headers } = response;
  if (status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
    const wait = retryAfterMs > 0 ? ` and asks to try again in ${Math.ceil(retryAfterMs / 1000)} s` : '';
    throw new DownloadError(`${url}: the server answered ${status}${wait}`, {
      transient: retryAfterMs <= MAX_RETRY_AFTER_MS,
      retryAfterMs,
    });
  }
  if (status !== 200 && status !== 206 && status !== 416) {
    throw new DownloadError(`${url}: the server answered ${status} instead of 200. Check the URL`, {
      transient: false,
    });
  }
  const type = headers.get('content-type') ?? '';
  if (status !== 416 && /^(text\/html|application\/xhtml)/i.test(type)) {
    throw new DownloadError(
      `${url}: the server sent a web page instead of the file (content type ${type}); it may be the sign-in page of a proxy or a network`,
      { transient: false },
    );
  }
  const coding = headers.get('content-encoding') ?? 'identity';
  if (coding !== 'identity') {
    throw new DownloadError(
      `${url}: the server compressed the file (content encoding ${coding}), but only uncompressed answers are accepted. Use another server`,
      { transient: false },
    );
  }
}

/** Retry-After is a number of seconds or an HTTP date; anything else counts as absent. */
function parseRetryAfter(value: string | null): number {
  if (value === null) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

function reasonOf(error: unknown): string {
  for (const one of [causeOf(error), error]) {
    if (typeof one !== 'object' || one === null) continue;
    // The codes of Node's fetch (UND_ERR_SOCKET) say less than its messages.
    if ('code' in one && typeof one.code === 'string' && !one.code.startsWith('UND_')) return one.code;
    if ('message' in one && typeof one.message === 'string' && one.message) return one.message;
  }
  return String(error);
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
}
