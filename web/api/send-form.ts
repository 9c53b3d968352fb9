import type * as Wire from '../../functions/wire.ts';
import { ApiError } from './api-error.ts';

/**
 * An upload that makes no progress for so long has lost its connection. There is no limit for all
 * of it, because 50 MB take seven minutes at 1 Mbit/s.
 */
const STALL_LIMIT_MS = 60_000;

/**
 * Uploads a picture to the bucket with a presigned POST. It uses XMLHttpRequest, because fetch does
 * not report the progress of an upload. Ends when there is no progress for a minute.
 * @param onProgress receives the part that has been sent, 0 to 1
 * @throws {ApiError} or the reason of the signal
 */
export function sendForm(
  { url, fields }: Wire.Upload,
  picture: Blob,
  signal: AbortSignal,
  onProgress: (part: number) => void,
): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', picture); // S3 takes no field behind the file
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener('abort', abort, { once: true });
    // The limit counts from the start of the request, so each step moves it on.
    const startedAt = performance.now();
    const moveLimit = () => {
      request.timeout = performance.now() - startedAt + STALL_LIMIT_MS;
    };
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      moveLimit();
      onProgress(total === 0 ? 0 : loaded / total);
    });
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(new ApiError(bucketWords(request), { status: request.status, code: 'bucket-refused' }));
    });
    request.addEventListener('error', () =>
      reject(new ApiError('The connection to the bucket failed.', { status: 0 })),
    );
    request.addEventListener('timeout', () =>
      reject(new ApiError('The upload to the bucket came to a standstill.', { status: 0 })),
    );
    request.addEventListener('abort', () => reject(signal.reason));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    request.open('POST', url);
    moveLimit();
    request.send(form);
  });
}

/** Reads the message, which is written for people, from the XML answer of S3. */
function bucketWords({ responseText, status }: XMLHttpRequest): string {
  const message = /<Message>([^<]+)<\/Message>/.exec(responseText)?.[1];
  return message === undefined ? `The bucket answered with status ${status}.` : `The bucket answered: ${message}`;
}
