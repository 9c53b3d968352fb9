import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { ImageTooLargeError } from '../errors.ts';
import { type ObjectStore, tooLargeMessage } from '../tagging/objects.ts';
import { type AnswerNowDependencies, answerNow } from './answer-now.ts';
import { UnknownModelError } from './errors.ts';
import type { AnswerOnce } from './idempotency.ts';
import { flag, readQuery, text, wholeNumber } from './parameters.ts';
import { openPicture, type PictureSource, readPictureSource } from './picture.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface ClassifyDependencies extends AnswerNowDependencies {
  readonly bucketName: string;
  readonly objects: Pick<ObjectStore, 'open'>;
  /** Larger objects are refused before they are read. */
  readonly maxImageBytes: number;
  readonly smallModel: string;
  readonly answerOnce: AnswerOnce;
}

export const DEFAULT_TOP = 5;
export const MAX_TOP = 1000;

const MAX_NAME_CHARACTERS = 255;

const querySchema = z.object({
  model: text(MAX_NAME_CHARACTERS).optional(),
  top: wholeNumber(1, MAX_TOP).default(DEFAULT_TOP),
  explain: flag().default(false),
});

/** `POST /classify`. What can be refused cheaply is refused before anything is read, kept or run. */
export async function classify(
  request: ApiRequest,
  dependencies: ClassifyDependencies,
  context: Context,
): Promise<ApiResponse> {
  const { model, ...options } = readQuery(querySchema, request.query);
  const { smallModel } = dependencies;
  if (model !== undefined && model !== smallModel) throw new UnknownModelError(model, [smallModel]);
  const source = readPictureSource(request, dependencies.bucketName);
  return dependencies.answerOnce(request, context, async () => {
    const start = performance.now();
    const bytes = await readBytes(source, dependencies);
    const read = performance.now() - start;
    const { timings, ...answer } = await answerNow(bytes, options, dependencies);
    const whole = source.kind === 'object' ? { ...timings, read, total: timings.total + read } : timings;
    return json(200, { ...answer, timings: whole, escalated: null });
  });
}

async function readBytes(source: PictureSource, { objects, maxImageBytes }: ClassifyDependencies): Promise<Uint8Array> {
  if (source.kind === 'bytes') return source.bytes;
  const object = await openPicture(source.name, objects);
  if (object.size > maxImageBytes) {
    object.discard();
    throw new ImageTooLargeError(tooLargeMessage(object.size, maxImageBytes));
  }
  return object.bytes(maxImageBytes);
}
