import type { ClassifyEntry } from '../classifier/index.ts';
import { MAX_REQUEST_BYTES } from '../functions/api/limits.ts';
import { OCTET_STREAM } from '../functions/api/media-types.ts';
import { classificationSchema, jobSchema } from '../functions/wire.ts';
import type { AnsweringModel } from './classification-output.ts';
import { megabytes } from './progress-bar.ts';
import { discard, join, notOurs, RemoteApiError, type RemoteBody, read, retrySeconds, send } from './remote-api.ts';
import { oneLine } from './report-error.ts';
import { uploadImage } from './upload-image.ts';

export interface RemoteOptions {
  /** URL of the API; it may have a path. */
  readonly url: URL;
  /** Name of the model at the API. If undefined, the API uses its default. */
  readonly model: string | undefined;
  readonly top: number;
  /** Prints a line for the user that says what is being waited for. */
  readonly say: (line: string) => void;
}

/** An entry, and the name of the model that gave it. */
export interface RemoteEntry {
  readonly entry: ClassifyEntry;
  readonly model: AnsweringModel;
}

/** A heavy model may first need a new machine, which takes minutes to start. */
const JOB_TIMEOUT_MS = 15 * 60_000;

/**
 * Classifies an image through an HTTP API. If a heavy model answers, it waits for the job.
 * @throws {RemoteApiError} when the API refuses the image, or is not an AutoSwiftNet API
 */
export async function classifyRemote(bytes: Uint8Array, file: string, options: RemoteOptions): Promise<RemoteEntry> {
  const target = join(options.url, 'classify');
  const model = options.model === undefined ? '' : `&model=${encodeURIComponent(options.model)}`;
  target.search = `?top=${options.top}${model}`;
  const start = performance.now();
  const response = await send('POST', target, { body: await bodyFor(bytes, file, options) });
  if (response.status === 202) return waitForJob(response, file, start, options);
  const {
    model: answered,
    knows,
    predictions,
    concepts,
    concept,
    image,
    timings,
  } = await read(response, classificationSchema);
  const { decode, run, total } = timings;
  return {
    entry: { predictions, concepts, concept, image, timings: { decode, run, total } },
    model: { name: answered, ...(knows && { knows: { pictures: knows.pictures, things: knows.things } }) },
  };
}

/**
 * Makes the body of the request: the image, or, if it is too large for a request, the key under
 * which it was uploaded to the bucket.
 */
async function bodyFor(bytes: Uint8Array, file: string, { url, say }: RemoteOptions): Promise<RemoteBody> {
  if (bytes.length <= MAX_REQUEST_BYTES) return { bytes, type: OCTET_STREAM };
  const key = await uploadImage(bytes, url, (uploadKey) => {
    say(
      oneLine(
        `${file}: ${megabytes(bytes.length)} do not fit into a request; uploading it to the bucket as ${uploadKey}`,
      ),
    );
  });
  return { bytes: Buffer.from(JSON.stringify({ key })), type: 'application/json' };
}

async function waitForJob(
  accepted: Response,
  file: string,
  start: number,
  options: RemoteOptions,
): Promise<RemoteEntry> {
  const location = accepted.headers.get('location');
  if (location === null) throw notOurs(accepted, 'status 202 without a Location header');
  await discard(accepted);
  const job = join(options.url, location.replace(/^\//, ''));
  options.say(oneLine(`${file}: waiting for the heavy model (job ${job.href})`));
  let pause = retrySeconds(accepted);
  while (performance.now() - start < JOB_TIMEOUT_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    const response = await send('GET', job);
    const { result, reason } = await read(response, jobSchema);
    if (reason !== null) throw new RemoteApiError(reason.code, 422, reason.message);
    if (result !== null) {
      const { model, predictions, concepts, concept, image } = result;
      const total = performance.now() - start;
      return {
        entry: { predictions, concepts, concept, image, timings: { decode: 0, run: 0, total } },
        model: { name: model },
      };
    }
    pause = retrySeconds(response);
  }
  throw new RemoteApiError(
    'job-timeout',
    504,
    `the heavy model did not answer within ${JOB_TIMEOUT_MS / 60_000} minutes; look for the result later at ${job.href}`,
  );
}
