import * as z from 'zod';
import { MODEL_NAME } from '../environment-fields.ts';
import { InvalidRunRequestError } from './errors.ts';

/**
 * Share of the images that may fail before a batch, and then the run, counts as failed. Few images
 * fail by our fault, so more than this means that something is broken for all of them.
 */
export const DEFAULT_TOLERATED_FAILURE_SHARE = 0.05;

/**
 * Most batches at the same time that a run may ask for. Each is one call of the function, and an
 * account may run 1,000 functions unless AWS was asked for more:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_CONCURRENCY = 1000;

/**
 * Names of executions that are safe in a key of S3. Their length is that of
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
const RUN_ID = /^[A-Za-z0-9._-]{1,80}$/;

function bucketName() {
  return z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket');
}

/** Where the keys come from. */
export const runSourceSchema = z.discriminatedUnion('kind', [
  /** The bucket's listing, below the prefix. */
  z.strictObject({ kind: z.literal('listing') }),
  /** An S3 Inventory of the bucket in CSV. `manifestKey` ends in `/manifest.json`. */
  z.strictObject({
    kind: z.literal('inventory'),
    bucket: bucketName(),
    manifestKey: z.string().regex(/manifest\.json$/, 'the key of a manifest.json of S3 Inventory'),
  }),
]);

/**
 * The input of an execution of the state machine. Its name is the id of the run. All fields are
 * optional: `{}` tags the whole bucket.
 */
export const runRequestSchema = z.strictObject({
  source: runSourceSchema.default({ kind: 'listing' }),
  /** The watched bucket that is tagged; null: the first one. */
  bucket: bucketName().nullable().default(null),
  /** Only keys that begin with it. */
  prefix: z.string().default(''),
  /** Only keys that end with it, case-sensitive. */
  suffix: z.string().default(''),
  /** Only objects of at least so many bytes. */
  minBytes: z.int().min(0).default(0),
  /** Only objects of at most so many bytes; null: of any size. */
  maxBytes: z.int().min(0).nullable().default(null),
  /** The small model that must answer. The run fails if another one is deployed. Null: any. */
  model: z.string().regex(MODEL_NAME, "the name of a model package's folder").nullable().default(null),
  /** Batches at the same time. Null: `backfillConcurrency` of the stack's configuration. */
  concurrency: z.int().min(1).max(MAX_CONCURRENCY).nullable().default(null),
  /** Share of the images that may fail before a batch, and then the run, is failed: 0 to 1. */
  toleratedFailureShare: z.number().min(0).max(1).default(DEFAULT_TOLERATED_FAILURE_SHARE),
  /**
   * Whether tags of what is answered already are checked, too. A batch that is tried again and an
   * execution that is redriven do it by themselves.
   */
  repair: z.boolean().default(false),
});

/** The input of an execution, as somebody may write it. */
export type RunRequest = z.input<typeof runRequestSchema>;

/** A run that may start: the request with all defaults, and its id. */
export const runSchema = runRequestSchema.extend({
  runId: z.string().regex(RUN_ID, '1 to 80 letters, digits, dots, underscores and hyphens'),
  concurrency: z.int().min(1).max(MAX_CONCURRENCY),
});

export type Run = z.output<typeof runSchema>;

/**
 * Reads the input of an execution.
 * @param runId the execution's name
 * @param defaultConcurrency batches at the same time, if the request does not say
 * @throws {InvalidRunRequestError} naming every field at fault
 * @example
 * readRunRequest({ prefix: '2024/' }, 'run-1', 2).concurrency // 2
 */
export function readRunRequest(request: unknown, runId: string, defaultConcurrency: number): Run {
  const parsed = runRequestSchema.safeParse(request);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error), parsed.error);
  const concurrency = parsed.data.concurrency ?? defaultConcurrency;
  const run = runSchema.safeParse({ ...parsed.data, runId, concurrency });
  if (!run.success) throw invalid(z.prettifyError(run.error), run.error);
  return run.data;
}

function invalid(faults: string, cause: unknown): InvalidRunRequestError {
  return new InvalidRunRequestError(
    `the run cannot be started as it was asked for: ${faults.replaceAll(/\s*\n\s*/g, ' ')}. docs/backfill.md lists the fields. Start the execution again.`,
    cause,
  );
}
