import type * as Wire from '../../functions/wire.ts';
import { ApiError } from './api-error.ts';

/**
 * Uploads a picture to the bucket with a presigned POST. It uses XMLHttpRequest, because fetch does
 * not report the progress of an upload.
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
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total));
    request.addEventListener('load', () => {
      if (request.status < 300) resolve();
      else reject(new ApiError(bucketWords(request), { status: request.status, code: 'bucket-refused' }));
    });
    request.addEventListener('error', () =>
      reject(new ApiError('The connection to the bucket failed.', { status: 0 })),
    );
    request.addEventListener('abort', () => reject(signal.reason));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    request.open('POST', url);
    request.send(form);
  });
}

/** Reads the message, which is written for people, from the XML answer of S3. */
function bucketWords({ responseText, status }: XMLHttpRequest): string {
  const message = /<Message>([^<]+)<\/Message>/.exec(responseText)?.[1];
  return message === undefined ? `The bucket answered with status ${status}.` : `The bucket answered: ${message}`;
}
