import * as z from 'zod';
import { MalformedCallError } from './errors.ts';
import { runSchema } from './run-request.ts';

/**
 * Most items of a batch. Each batch costs four state transitions and two objects of results; a call
 * about so many small images takes about half a minute.
 */
export const MAX_ITEMS_PER_BATCH = 500;

/**
 * Most bytes of a batch's input. Step Functions takes 256 KiB, of which the run and the state's own
 * fields need some:
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const MAX_BATCH_BYTES = 200_000;

/** Lambda's longest: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const FUNCTION_TIMEOUT_SECONDS = 900;

/**
 * When so little of its time is left, a call starts no further item. An image at the limits takes
 * 12 s, and up to ten are under way.
 */
export const RESERVED_MS = 60_000;

/** A key of the bucket's listing. */
export const listedItemSchema = z.strictObject({
  key: z.string(),
  /** Without quotes. */
  eTag: z.string().optional(),
  /** Bytes. */
  size: z.int().nonnegative().optional(),
  storageClass: z.string().optional(),
});

/**
 * A line of an inventory. All its fields are text, and all but bucket and key are there only if the
 * inventory is set up to have them:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
 */
export const inventoriedItemSchema = z.strictObject({
  bucket: z.string(),
  /** Form-encoded. */
  encodedKey: z.string(),
  eTag: z.string().optional(),
  size: z.string().optional(),
  storageClass: z.string().optional(),
  /** `true` or `false`. There if the inventory lists all versions. */
  isLatest: z.string().optional(),
  isDeleteMarker: z.string().optional(),
  /** Tier of an object in S3 Intelligent-Tiering. */
  accessTier: z.string().optional(),
});

export const itemSchema = z.union([listedItemSchema, inventoriedItemSchema]);

export type ListedItem = z.output<typeof listedItemSchema>;
export type InventoriedItem = z.output<typeof inventoriedItemSchema>;
export type BackfillItem = z.output<typeof itemSchema>;

/** Checks what a run asks for, before anything is read. */
const prepareSchema = z.strictObject({
  action: z.literal('prepare'),
  runId: z.string(),
  /** The execution's input, whatever it is. */
  request: z.unknown(),
  defaultConcurrency: z.int(),
  /** The only bucket whose inventories the state machine may read; null: none. */
  inventoryBucket: z.string().nullable(),
});

/** Tags a batch. */
const tagSchema = z.strictObject({
  action: z.literal('tag'),
  run: runSchema,
  /** Name of the batch's own execution. */
  batch: z.string().regex(/^[A-Za-z0-9._-]{1,80}$/),
  call: z.int().nonnegative(),
  /** Whether this call may have been made before, and not have come to its end. */
  isRepeated: z.boolean(),
  items: z.array(itemSchema),
});

/** Says of what ended the function's process alone, and more than once, that it failed. */
const giveUpSchema = z.strictObject({ ...tagSchema.omit({ isRepeated: true }).shape, action: z.literal('give-up') });

const callSchema = z.discriminatedUnion('action', [prepareSchema, tagSchema, giveUpSchema]);

/** What the state machine calls the function with. */
export type BackfillCall = z.output<typeof callSchema>;
export type PrepareCall = z.output<typeof prepareSchema>;
export type TagCall = z.output<typeof tagSchema>;
export type GiveUpCall = z.output<typeof giveUpSchema>;

/**
 * Reads what the state machine calls the function with.
 * @throws {MalformedCallError}
 */
export function parseCall(event: unknown): BackfillCall {
  const parsed = callSchema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new MalformedCallError(
    `the call is not one of this version's state machine: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ')}. Start executions of the state machine of the same deployment, and do not invoke the function directly.`,
    parsed.error,
  );
}
