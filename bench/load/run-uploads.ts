import { Agent } from 'node:http';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { mulberry32 } from '../../classifier/mulberry32.ts';
import { MODEL_METADATA } from '../../functions/routing/route.ts';
import { localSqs } from '../../local/clients.ts';
import { CREDENTIALS, REGION, UPLOADS_BUCKET } from '../../local/names.ts';
import type { LoadStack } from './load-stack.ts';
import type { LoadPicture } from './pictures.ts';
import type { Recorder } from './recorder.ts';
import { type Result, readResults } from './results-queue.ts';

export interface UploadsOptions {
  readonly stack: LoadStack;
  readonly pictures: readonly LoadPicture[];
  readonly recorder: Pick<Recorder, 'onAnswer' | 'onError'>;
  /** Images that are uploaded and not yet answered, at most. */
  readonly atOnce: number;
  /** Number of the first image: objects are called by their number. Default 0. */
  readonly from?: number | undefined;
  /** Number of the first image that is no longer uploaded. Default: no limit. */
  readonly to?: number | undefined;
  /** No more uploads after so many seconds. Default: no limit. */
  readonly seconds?: number | undefined;
  /** The model that the objects request. Default: none. */
  readonly model?: string | undefined;
}

const SEED = 20261127;
/** An image that is not answered after so long is lost. */
const LOST_AFTER_MS = 1_800_000;

interface Waiting {
  readonly since: number;
  readonly label: string;
  readonly resolve: () => void;
}

/**
 * Uploads pictures, each as an object of its own, and always as many at a time: when one is
 * answered the next is uploaded. So the stack is never without work. Time counts from before the
 * upload until the results topic tells of the answer. Errors are failed uploads, other answers than
 * the model's own, images that are not answered, and what is left in a queue.
 * @returns number of the first image that is not uploaded
 */
export async function runUploads(options: UploadsOptions): Promise<number> {
  const { stack, pictures, recorder, atOnce, from = 0, to = Number.POSITIVE_INFINITY, seconds, model } = options;
  const s3 = new S3Client({
    endpoint: stack.endpoints.s3,
    region: REGION,
    credentials: CREDENTIALS,
    forcePathStyle: true,
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: atOnce }) },
  });
  const Metadata = model === undefined ? {} : { [MODEL_METADATA]: model };
  const deadline = performance.now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const random = mulberry32(SEED);
  const waiting = new Map<string, Waiting>();
  let next = from;

  const close = await readResults(stack.endpoints, ({ key, state, predictions }: Result) => {
    const image = waiting.get(key);
    // The topic tells of a result at least once.
    if (image === undefined) return;
    waiting.delete(key);
    const label = predictions[0]?.label;
    if (state !== 'tagged') recorder.onError(`the image is ${state}`);
    else if (label !== image.label) recorder.onError('another answer than the model gives');
    recorder.onAnswer(performance.now() - image.since);
    image.resolve();
  });

  async function uploadNext(): Promise<void> {
    while (next < to && performance.now() < deadline) {
      const key = `load/${next}.jpg`;
      next += 1;
      const picture = pictures[random() % pictures.length];
      if (picture === undefined) throw new TypeError('there are no pictures');
      const answered = new Promise<void>((resolve) => {
        waiting.set(key, { since: performance.now(), label: picture.label, resolve });
        setTimeout(resolve, LOST_AFTER_MS).unref();
      });
      const put = new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: key, Body: picture.jpeg, Metadata });
      const isUploaded = await s3.send(put).then(
        () => true,
        (error: Error) => {
          recorder.onError(`the upload failed: ${error.name}`);
          return false;
        },
      );
      if (isUploaded) await answered;
      if (waiting.delete(key) && isUploaded) recorder.onError('the image was not answered');
    }
  }

  await Promise.all(Array.from({ length: atOnce }, uploadNext));
  await close();
  for (const [name, messages] of await leftInQueues(stack)) {
    if (messages > 0) recorder.onError(`${messages} messages are left in ${name}`);
  }
  s3.destroy();
  return next;
}

async function leftInQueues({ endpoints, queues }: LoadStack): Promise<[string, number][]> {
  const sqs = localSqs(endpoints.sqs);
  const left: [string, number][] = [];
  for (const [name, QueueUrl] of Object.entries(queues)) {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    left.push([name, Number(Attributes?.['ApproximateNumberOfMessages'])]);
  }
  sqs.destroy();
  return left;
}
