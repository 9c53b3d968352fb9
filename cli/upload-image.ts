import { detectFormat } from '../classifier/decode/format.ts';
import { ImageTooLargeError } from '../classifier/errors.ts';
import { MEDIA_TYPES } from '../functions/api/media-types.ts';
import { uploadSchema } from '../functions/wire.ts';
import { discard, join, RemoteApiError, read, send } from './remote-api.ts';
import { whyUnreachable } from './why-unreachable.ts';

/** 50 MB at 0.5 Mbit/s. */
const UPLOAD_TIMEOUT_MS = 15 * 60_000;

const MAX_ANSWER_CHARACTERS = 10_000;

/**
 * Uploads an image to the bucket of an API: asks for a presigned POST, and sends the form. There it
 * stays, and is tagged like every upload.
 * @param onBegin called with the key before the bytes are sent
 * @returns the key
 * @throws {UnsupportedFormatError | NotAnImageError} before anything is sent
 * @throws {ImageTooLargeError} above the limit of that API
 * @throws {RemoteApiError} when the API or the bucket refuses
 */
export async function uploadImage(bytes: Uint8Array, url: URL, onBegin: (key: string) => void): Promise<string> {
  const { contentType } = MEDIA_TYPES[detectFormat(bytes)];
  const asked = { bytes: Buffer.from(JSON.stringify({ contentType })), type: 'application/json' };
  const {
    key,
    url: bucketUrl,
    fields,
    maxBytes,
  } = await read(await send('POST', join(url, 'uploads'), { body: asked }), uploadSchema);
  if (bytes.length > maxBytes) {
    throw new ImageTooLargeError(
      `the image has ${bytes.length} bytes, more than the limit of ${maxBytes} at ${url.origin}. Make it smaller.`,
    );
  }
  onBegin(key);
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // S3 takes no field behind the file.
  form.append('file', new Blob([new Uint8Array(bytes)]));
  const answer = await post(bucketUrl, form);
  if (!answer.ok) {
    // The status is known, also where the rest of the answer is lost.
    const text = await answer.text().catch(() => '');
    throw refusal(answer.status, text.slice(0, MAX_ANSWER_CHARACTERS));
  }
  await discard(answer);
  return key;
}

async function post(url: string, body: FormData): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    });
  } catch (cause) {
    const reason = whyUnreachable(new URL(url), cause, process.env);
    throw new RemoteApiError('no-answer', 502, `the upload failed: ${reason}`, cause);
  }
}

/** Reads the message, which is written for people, from the XML answer of S3. */
function refusal(status: number, text: string): RemoteApiError {
  const message = /<Message>([^<]+)<\/Message>/.exec(text)?.[1];
  const reason = message === undefined ? '' : `: ${message}`;
  return new RemoteApiError('bucket-refused', status, `the bucket refused the upload with status ${status}${reason}`);
}
