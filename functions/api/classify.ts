import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { detectFormat, SIGNATURE_BYTES } from '../../classifier/decode/format.ts';
import { ImageTooLargeError } from '../../classifier/errors.ts';
import { type JobSource, MAX_JOB_PREDICTIONS } from '../records/job.ts';
import { UnknownModelError } from '../routing/errors.ts';
import { chooseRoute, isUnsure, type Route, type RouteSettings } from '../routing/route.ts';
import { type ObjectStore, tooLargeMessage } from '../tagging/objects.ts';
import type * as Wire from '../wire.ts';
import { type AnswerLaterDependencies, answerLater } from './answer-later.ts';
import { type AnswerNowDependencies, answerNow } from './answer-now.ts';
import { classifyQuerySchema } from './classify-query.ts';
import { InvalidParameterError } from './errors.ts';
import { type AnswerOnce, jobIdOf } from './idempotency.ts';
import { describeJob, pathOfJob, pollLater } from './jobs.ts';
import { readQuery } from './parameters.ts';
import { openPicture, type PictureSource, readPictureSource, withoutWrapping } from './picture.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface ClassifyDependencies extends AnswerNowDependencies, AnswerLaterDependencies {
  readonly bucketName: string;
  readonly objects: Pick<ObjectStore, 'open'>;
  /** Larger objects are refused before they are read. */
  readonly maxImageBytes: number;
  /** Whether HEIC is supported. */
  readonly heic: boolean;
  readonly routes: RouteSettings;
  readonly answerOnce: AnswerOnce;
}

type Options = Omit<z.output<typeof classifyQuerySchema>, 'model'>;

/** A picture that exists, and the facts that decide which model classifies it. */
interface Picture {
  readonly key: string | null;
  /** The model that the object's metadata names. */
  readonly requestedModel: string | null;
  read(): Promise<Uint8Array>;
  /** Returns the picture for a job. */
  forJob(): Promise<Uint8Array | JobSource>;
  discard(): void;
}

/**
 * `POST /classify`. Requests that can be refused cheaply are refused before anything is read,
 * stored or run.
 */
export async function classify(
  request: ApiRequest,
  dependencies: ClassifyDependencies,
  context: Context,
): Promise<ApiResponse> {
  const { model, ...options } = readQuery(classifyQuerySchema, request.query);
  const { routes, bucketName, answerOnce } = dependencies;
  const requestedByCaller = model ?? null;
  if (requestedByCaller !== null) {
    requireKnown(chooseRoute({ requestedByCaller, requestedByObject: null, key: null }, routes), options);
  }
  const source = await readPictureSource(request, bucketName);
  const asked = withoutWrapping(request, source);
  return answerOnce(asked, context, async () => {
    const picture = await findPicture(source, dependencies);
    try {
      const { requestedModel: requestedByObject, key } = picture;
      const route = chooseRoute({ requestedByCaller, requestedByObject, key }, routes);
      return await follow(requireKnown(route, options), picture, options, asked, dependencies);
    } finally {
      picture.discard();
    }
  });
}

async function follow(
  route: Exclude<Route, { kind: 'unknown' }>,
  picture: Picture,
  options: Options,
  request: ApiRequest,
  dependencies: ClassifyDependencies,
): Promise<ApiResponse> {
  const ask = async (model: string, top: number) =>
    answerLater({ ...options, id: jobIdOf(request), model, top, picture: await picture.forJob() }, dependencies);

  if (route.kind === 'heavy') {
    const job = await ask(route.model, options.top);
    return json(202, describeJob(job), { location: pathOfJob(job.id), ...pollLater() });
  }
  const start = performance.now();
  const bytes = await picture.read();
  const read = performance.now() - start;
  const { timings, ...answer } = await answerNow(bytes, options, dependencies);
  const isSure = route.kind === 'small' || !isUnsure(answer.predictions, route.threshold);
  const job = isSure ? null : await ask(route.heavy, Math.min(options.top, MAX_JOB_PREDICTIONS));
  const classification: Wire.Classification = {
    ...answer,
    timings: picture.key === null ? timings : { ...timings, read, total: timings.total + read },
    escalated: job === null ? null : { model: job.model, jobId: job.id, job: pathOfJob(job.id) },
  };
  return json(200, classification);
}

async function findPicture(
  source: PictureSource,
  { objects, maxImageBytes, heic }: ClassifyDependencies,
): Promise<Picture> {
  if (source.kind === 'bytes') {
    const { bytes } = source;
    const forJob = async () => {
      // What is not a supported image is rejected at once, without waiting for a worker.
      detectFormat(bytes, { heic });
      return bytes;
    };
    return { key: null, requestedModel: null, read: async () => bytes, forJob, discard() {} };
  }
  const object = await openPicture(source.name, objects);
  const { size, eTag, versionId, requestedModel } = object;
  if (size > maxImageBytes) {
    object.discard();
    throw new ImageTooLargeError(tooLargeMessage(size, maxImageBytes));
  }
  let isRead = false;
  return {
    key: source.name.key,
    requestedModel,
    read: async () => {
      const bytes = await object.bytes(maxImageBytes);
      isRead = true;
      return bytes;
    },
    forJob: async () => {
      // A picture that the small model was unsure of needs no second look.
      if (!isRead) detectFormat(await object.beginning(SIGNATURE_BYTES), { heic });
      return { ...source.name, versionId, eTag: eTag ?? '' };
    },
    discard: () => object.discard(),
  };
}

/**
 * Returns the route if its model exists.
 * @throws {UnknownModelError}
 * @throws {InvalidParameterError} when more predictions are requested than a job keeps
 */
function requireKnown(route: Route, { top }: Options): Exclude<Route, { kind: 'unknown' }> {
  if (route.kind === 'unknown') throw new UnknownModelError(route.requestedModel, route.models);
  if (route.kind === 'heavy' && top > MAX_JOB_PREDICTIONS) {
    throw new InvalidParameterError('top', `expected at most ${MAX_JOB_PREDICTIONS} for a heavy model, found ${top}`);
  }
  return route;
}
