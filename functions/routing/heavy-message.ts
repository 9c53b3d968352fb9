import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { MODEL_NAME } from '../environment-fields.ts';
import { isObjectKey, MAX_KEY_BYTES } from '../object-key.ts';
import { type Job, jobIdSchema, MAX_JOB_PREDICTIONS } from '../records/job.ts';
import { sequencerSchema } from '../records/position.ts';
import { RECORD_PREDICTIONS } from '../records/record.ts';
import { toMessageJson } from '../xml-text.ts';
import { HeavyMessageError } from './errors.ts';

/**
 * A request to a heavy model. With a job, the answer is the job's result; without one, it becomes
 * the image's record and tags.
 */
export type HeavyRequest = z.output<typeof heavyRequestSchema>;

/** Sends a request to the heavy queue. */
export type SendHeavyRequest = (request: HeavyRequest) => Promise<void>;

/** The newest form of message that this code reads, and the one it writes. */
export const HEAVY_MESSAGE_VERSION = 1;

/** The list of faults is cut to this length. A message of a megabyte may have very many. */
const MAX_FAULT_CHARACTERS = 1200;

const sourceSchema = z.strictObject({
  bucket: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^/]+$/, 'expected the name of a bucket'),
  key: z.string().refine(isObjectKey, `expected 1 to ${MAX_KEY_BYTES} bytes of UTF-8`),
  versionId: z.string().min(1).max(1024).nullable(),
  /** Without quotes. */
  eTag: z.string().min(1).max(1024),
  /**
   * Sequencer of the event that brought the object. Null if it is not known: after a backfill, and
   * for a picture that was posted for a job.
   */
  sequencer: sequencerSchema.nullable(),
});

export const heavyRequestSchema = z.strictObject({
  version: z.literal(HEAVY_MESSAGE_VERSION),
  jobId: jobIdSchema.nullable(),
  source: sourceSchema,
  /** Name of the model that must answer. */
  model: z.string().regex(MODEL_NAME, "expected a model's name"),
  /** How many predictions a job's answer has; a record keeps ten. */
  top: z.int().min(1).max(MAX_JOB_PREDICTIONS),
  /** Whether a job's answer has an activation map. */
  explain: z.boolean(),
});

/**
 * Returns the request of a job. It has no sequencer, because a job does not take part in the order
 * of an object's events.
 */
export function requestOfJob({ id, source, model, top, explain }: Job): HeavyRequest {
  return { version: HEAVY_MESSAGE_VERSION, jobId: id, source: { ...source, sequencer: null }, model, top, explain };
}

/** Returns the request about an image of the bucket. The answer becomes its record and tags. */
export function requestOfImage(source: HeavyRequest['source'], model: string): HeavyRequest {
  return { version: HEAVY_MESSAGE_VERSION, jobId: null, source, model, top: RECORD_PREDICTIONS, explain: false };
}

/**
 * Reads the body of a message of the heavy queue.
 * @throws {HeavyMessageError} for any other text, and for a message of a newer version
 */
export function parseHeavyRequest(body: string): HeavyRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw malformed(`its body of ${body.length} characters is not JSON`, cause);
  }
  const newer = z.looseObject({ version: z.int().min(HEAVY_MESSAGE_VERSION + 1) }).safeParse(json);
  if (newer.success) {
    throw malformed(
      `it has version ${newer.data.version}, and this worker reads version ${HEAVY_MESSAGE_VERSION}: upgrade the worker and redrive the message`,
    );
  }
  return check(json);
}

/**
 * Sends a request to the heavy queue after the same check that its reader makes. It may arrive
 * twice.
 * @throws {HeavyMessageError} for a request that no worker would accept
 */
export async function sendHeavyRequest(client: SQSClient, queueUrl: string, request: HeavyRequest): Promise<void> {
  const MessageBody = toMessageJson(check(request));
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
}

function check(json: unknown): HeavyRequest {
  const parsed = heavyRequestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw malformed(z.prettifyError(parsed.error), parsed.error);
}

function malformed(fault: string, cause?: unknown): HeavyMessageError {
  return new HeavyMessageError(
    `the message of the heavy queue is not a request: ${fault.slice(0, MAX_FAULT_CHARACTERS)}. Only autoswiftnet's functions should send to this queue. Look at the message in the dead letters.`,
    cause,
  );
}
