import { setTimeout as sleep } from 'node:timers/promises';
import pRetry from 'p-retry';
import { hashFile } from '../package/hash-file.ts';
import { ChecksumError, DownloadError } from './errors.ts';
import { Part } from './part.ts';
import { type Answer, asDownloadError, type Patience, request } from './request.ts';

export interface Progress {
  /** Includes the bytes that an earlier run already received. */
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
}

export interface DownloadPatience extends Patience {
  /** How many more attempts follow the first one. Default 4. */
  readonly retries: number;
  /** Pause before the second attempt; it doubles before each further one. */
  readonly retryDelayMs: number;
}

export interface Download {
  readonly url: string;
  /**
   * The file to create; a missing folder is created too. An existing file of that name is replaced
   * in one step when the new one is verified.
   */
  readonly destination: string;
  /** The expected SHA-256 in lower-case hex, or its beginning. */
  readonly sha256: string;
  /** A larger file is refused, either when the server announces it or while it arrives. */
  readonly maxBytes: number;
  readonly patience?: Partial<DownloadPatience>;
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Called before the pause, when another attempt follows.
   * @param retriesLeft how many attempts may follow, including that one
   */
  readonly onRetry?: (failure: DownloadError, retriesLeft: number) => void;
}

export const DEFAULT_PATIENCE: DownloadPatience = {
  firstByteTimeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  retries: 4,
  retryDelayMs: 1_000,
};

const MAX_RETRY_DELAY_MS = 30_000;

/**
 * An attempt that received this many bytes does not use up a retry, so a long download survives
 * many interruptions.
 */
const PROGRESS_WORTH_A_RETRY_BYTES = 4_000_000;

/**
 * Downloads a file. After an interruption, of this process or an earlier one, it continues with a
 * range request and does not fetch the first bytes again. Connection failures, 429 and 5xx are
 * retried with growing pauses. The file appears under its name only when it is complete and has the
 * expected checksum. Several processes may download the same file at the same time; each writes its
 * own part.
 * @throws {DownloadError} when there is no server, no answer in time, an error status, a web page,
 *   or more bytes than expected
 * @throws {ChecksumError} when it is another file; the downloaded bytes are removed
 */
export async function download(wanted: Download): Promise<void> {
  const part = await Part.claim(wanted.destination);
  try {
    const isContinued = part.origin?.url === wanted.url;
    await receiveAll(wanted, part);
    let found = await hashFile(part.path);
    if (isContinued && !found.startsWith(wanted.sha256)) {
      // The bytes of an earlier run may be damaged, or be the beginning of a file that the server
      // has replaced since.
      await part.clear();
      await receiveAll(wanted, part);
      found = await hashFile(part.path);
    }
    if (!found.startsWith(wanted.sha256)) await refuseContent(wanted, part, found);
    await part.finish(wanted.destination);
  } finally {
    await part.leave();
  }
}

async function receiveAll(wanted: Download, part: Part): Promise<void> {
  const patience = { ...DEFAULT_PATIENCE, ...wanted.patience };
  let sizeBefore = 0;
  let attempts = 0;
  await pRetry(
    async () => {
      attempts += 1;
      sizeBefore = await part.size();
      await receive(wanted, part, patience);
    },
    {
      retries: patience.retries,
      minTimeout: patience.retryDelayMs,
      maxTimeout: MAX_RETRY_DELAY_MS,
      randomize: true,
      shouldRetry: ({ error }) => error instanceof DownloadError && error.transient,
      shouldConsumeRetry: async () => (await part.size()) - sizeBefore < PROGRESS_WORTH_A_RETRY_BYTES,
      onFailedAttempt: async ({ error, retriesLeft }) => {
        if (!(error instanceof DownloadError) || !error.transient || retriesLeft === 0) return;
        wanted.onRetry?.(error, retriesLeft);
        await sleep(error.retryAfterMs);
      },
    },
  ).catch((error: unknown) => {
    if (attempts === 1 || !(error instanceof DownloadError) || !error.transient) throw error;
    const { message, transient, retryAfterMs } = error;
    throw new DownloadError(`${message}; gave up after ${attempts} attempts`, {
      transient,
      retryAfterMs,
      cause: error,
    });
  });
}

/** Sends one request, which continues the part if the server agrees. */
async function receive(wanted: Download, part: Part, patience: DownloadPatience): Promise<void> {
  const { url } = wanted;
  if (part.origin?.url !== url) await part.clear();
  const offset = await part.size();
  const answer = await request(url, patience, { offset, etag: part.origin?.etag ?? null });
  try {
    const { status, headers } = answer.response;
    const etag = headers.get('etag');
    if (status === 200) {
      const totalBytes = toCount(headers.get('content-length'));
      refuseSize(wanted, totalBytes ?? 0);
      await part.begin({ url, etag, totalBytes });
      await receiveBody(wanted, part, answer, totalBytes);
      return;
    }
    const range = parseContentRange(headers.get('content-range'));
    if (status === 416 && range?.totalBytes === offset) return;
    if (status === 416 || range?.start !== offset || !isSameFile(part, range.totalBytes, etag)) {
      await part.clear();
      throw new DownloadError(`${url}: the server cannot continue the download at byte ${offset}`, {
        transient: offset > 0,
      });
    }
    refuseSize(wanted, range.totalBytes ?? 0);
    await receiveBody(wanted, part, answer, range.totalBytes ?? part.origin?.totalBytes ?? null);
  } finally {
    answer.close();
  }
}

async function receiveBody(wanted: Download, part: Part, answer: Answer, totalBytes: number | null): Promise<void> {
  let receivedBytes = await part.size();
  wanted.onProgress?.({ receivedBytes, totalBytes });
  await part.append(piecesOf(wanted.url, answer), async (bytes) => {
    receivedBytes += bytes;
    if (receivedBytes > wanted.maxBytes) {
      await part.clear();
      refuseSize(wanted, receivedBytes);
    }
    wanted.onProgress?.({ receivedBytes, totalBytes });
  });
  if (totalBytes !== null && receivedBytes !== totalBytes) {
    throw new DownloadError(`${wanted.url}: the connection ended after ${receivedBytes} of ${totalBytes} bytes`, {
      transient: true,
    });
  }
}

/**
 * Yields the body, and turns a broken connection into a DownloadError. So any other error while the
 * file is written comes from the disk.
 */
async function* piecesOf(url: string, { response, alive }: Answer): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response.body ?? []) {
      alive();
      yield piece;
    }
  } catch (error) {
    throw asDownloadError(url, error);
  }
}

function isSameFile({ origin }: Part, totalBytes: number | null, etag: string | null): boolean {
  return (
    (totalBytes === null || origin?.totalBytes == null || totalBytes === origin.totalBytes) &&
    (etag === null || origin?.etag == null || etag === origin.etag)
  );
}

function refuseSize({ url, maxBytes }: Download, bytes: number): void {
  if (bytes <= maxBytes) return;
  throw new DownloadError(`${url}: the server sends at least ${bytes} bytes, more than the limit of ${maxBytes}`, {
    transient: false,
  });
}

async function refuseContent({ url, sha256 }: Download, part: Part, found: string): Promise<never> {
  const bytes = await part.size();
  const isPage = /^\s*<(!doctype|html|\?xml)/i.test(await part.beginning());
  await part.clear();
  throw new ChecksumError(
    url,
    sha256,
    found,
    `The ${bytes} downloaded bytes${isPage ? ', which look like a web page,' : ''} were deleted. Try again, or give another --source.`,
  );
}

function toCount(value: string | null): number | null {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** Parses `bytes 100-199/200`, or the form without a range that comes with status 416. */
function parseContentRange(value: string | null): { start: number | null; totalBytes: number | null } | null {
  const range = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(\d{1,15}|\*)$/.exec(value ?? '');
  return range ? { start: toCount(range[1] ?? null), totalBytes: toCount(range[2] ?? null) } : null;
}
