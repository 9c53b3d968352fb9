import * as z from 'zod';
import { type Prediction, predictionSchema, type Reason, reasonSchema } from '../../functions/wire.ts';
import { InvalidLineError } from './errors.ts';
import type { Line } from './read-lines.ts';

/** What a line says about one image. */
export interface Answer {
  /** A path as `classify` was given it, or `s3://BUCKET/KEY`, as it is: nothing is encoded. */
  readonly uri: string;
  /** SHA-256 of the image's bytes, 64 lower-case hex digits; null if the line does not say. */
  readonly sha256: string | null;
  readonly model: string;
  readonly predictions: readonly Prediction[];
}

/** A line about an image that was not classified. */
export interface Unclassified {
  readonly uri: string;
  readonly reason: Reason;
}

const CURE = 'Give lines of classify --json, classify --output or export';
const SHORT_LINE = 60;

const uriSchema = z.string().min(1).refine(isWellFormed, 'half a surrogate pair');
const answerFields = {
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')
    .nullable()
    .default(null),
  model: z.string().min(1),
  // zod compiles an object of its own, and not one of zod/mini: there are ten on each line.
  predictions: z.array(z.object(predictionSchema.shape)).min(1),
};
const classifiedSchema = z.object({ file: uriSchema, ...answerFields });
const failedSchema = z.object({ file: uriSchema, error: reasonSchema });
const objectFields = { bucket: z.string().min(1), key: uriSchema };
const taggedSchema = z.object({ ...objectFields, ...answerFields });
const untaggedSchema = z.object({
  ...objectFields,
  state: z.enum(['rejected', 'failed']),
  reason: z.nullable(reasonSchema),
});

/**
 * Reads a line that `classify --json`, `classify --output` or `export` wrote. Fields that it does
 * not know are dropped.
 * @param file names the file in errors
 * @throws {InvalidLineError} when the line is anything else
 */
export function parseAnswer({ text, number }: Line, file: string): Answer | Unclassified {
  const value = parseJson(text, number, file);
  const read = <Schema extends z.ZodType>(schema: Schema): z.output<Schema> => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new InvalidLineError(file, number, `${faultsOf(parsed.error)}. ${CURE}.`);
  };
  if ('error' in value) {
    const { file: uri, error } = read(failedSchema);
    return { uri, reason: error };
  }
  if ('file' in value) {
    const { file: uri, ...answer } = read(classifiedSchema);
    return withoutRepeats({ uri, ...answer }, number, file);
  }
  if ('state' in value && value.state !== 'tagged') {
    const { bucket, key, state, reason } = read(untaggedSchema);
    return { uri: objectUri(bucket, key), reason: reason ?? { code: state, message: '' } };
  }
  const { bucket, key, ...answer } = read(taggedSchema);
  return withoutRepeats({ uri: objectUri(bucket, key), ...answer }, number, file);
}

/** Names an object as the AWS CLI does: the key as it is. */
export function objectUri(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

function parseJson(text: string, number: number, file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidLineError(file, number, `expected a line of JSON, found ${shortened(text)}. ${CURE}.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidLineError(file, number, `expected a JSON object, found ${shortened(text)}. ${CURE}.`);
}

function withoutRepeats(answer: Answer, number: number, file: string): Answer {
  const { predictions } = answer;
  const indexes = new Set(predictions.map(({ index }) => index));
  if (indexes.size === predictions.length) return answer;
  throw new InvalidLineError(file, number, `predictions: the same index occurs twice. ${CURE}.`);
}

/** Returns the first three faults: `predictions.0.probability: expected number`. */
function faultsOf({ issues }: z.ZodError): string {
  const faults = issues.map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`);
  return `${faults.slice(0, 3).join('; ')}${faults.length > 3 ? '; …' : ''}`;
}

function shortened(text: string): string {
  const shown = text.length > SHORT_LINE ? `${text.slice(0, SHORT_LINE)}…` : text;
  return JSON.stringify(shown);
}

/** Node 20 has `isWellFormed`, the types of ES2023 do not. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
