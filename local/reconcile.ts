import { type DynamoDBDocumentClient, paginateScan, type ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { isExpired, type Job, jobSchema } from '../functions/records/job.ts';
import { JOB_SORT_KEY } from '../functions/records/job-store.ts';
import { labelRowSchema } from '../functions/records/labels.ts';
import { comparePositions, toPosition } from '../functions/records/position.ts';
import { entrySchema, hasFailed, isTombstone } from '../functions/records/record.ts';
import type { StoredImage } from '../functions/records/store.ts';
import { hasWrongRows } from '../functions/records/wrong-rows.ts';
import { buildNotification, formEncode } from './s3/events.ts';
import type { ListedObject } from './s3/local-s3.ts';

export interface ReconcileOptions {
  readonly bucket: string;
  /** The current version of every key, including delete markers. */
  readonly objects: AsyncIterable<ListedObject> | Iterable<ListedObject>;
  /** What the table holds of that bucket, by key. */
  readonly images: ReadonlyMap<string, StoredImage>;
  /** Labels and search concepts of at least this probability (0 to 1) have a row. */
  readonly indexThreshold: number;
  /** Whether there is a heavy model. If so, a record that waits for its answer is unfinished. */
  readonly hasHeavyModel: boolean;
}

const itemSchema = z.looseObject({ sk: z.string(), key: z.string() });

/**
 * Makes the messages that bring bucket and table back in line after the queue was lost with its
 * process: an upload for each object without a finished record of its content, with the object's
 * own sequencer, and a removal for each record whose object is gone. A record of an earlier
 * version, which is not in the index by time yet, gets the event of a backfill, and so does an
 * object that is older than what the table holds. The function decides as always, so an unneeded
 * message does no harm.
 */
export async function* missedMessages(options: ReconcileOptions): AsyncGenerator<string> {
  const { bucket, objects, images, indexThreshold, hasHeavyModel } = options;
  const unseen = new Map(images);
  for await (const object of objects) {
    const image = images.get(object.key) ?? { entry: null, rows: [] };
    unseen.delete(object.key);
    if (object.deleted) {
      if (isShown(image, indexThreshold)) {
        yield JSON.stringify(buildNotification(bucket, 'ObjectRemoved:DeleteMarkerCreated', object, new Date()));
      }
    } else if (needsWork(object, image, indexThreshold, hasHeavyModel)) {
      yield isUncovered(object, image)
        ? messageWithoutSequencer(bucket, 'ObjectCreated:Put', object.key)
        : JSON.stringify(buildNotification(bucket, 'ObjectCreated:Put', object, object.lastModified));
    } else if (lacksTime(image)) {
      yield messageWithoutSequencer(bucket, 'ObjectCreated:Put', object.key);
    }
  }
  for (const [key, image] of unseen) {
    // The sequencer of the deletion is lost, so this is an event that never has one: that of a
    // lifecycle rule. The function then checks for itself whether the object exists.
    if (isShown(image, indexThreshold)) yield messageWithoutSequencer(bucket, 'LifecycleExpiration:Delete', key);
  }
}

/**
 * Tells whether a current object needs work: its record describes other content, is not finished,
 * or lacks label rows that it would have now.
 */
export function needsWork(
  object: ListedObject,
  image: StoredImage,
  indexThreshold: number,
  hasHeavyModel: boolean,
): boolean {
  const { entry } = image;
  const isFolderMarker = object.size === 0 && object.key.endsWith('/');
  if (entry === null || isTombstone(entry)) return !isFolderMarker;
  const isCurrent = entry.eTag === object.eTag && comparePositions(entry, toPosition(object.sequencer, 0)) >= 0;
  if (!isCurrent || hasFailed(entry)) return true;
  return (hasHeavyModel && entry.escalatedTo !== null) || hasWrongRows(image, indexThreshold);
}

/**
 * Whether an older version is the object again, because a delete marker or a newer version was
 * removed. The event of its upload would come too late.
 */
function isUncovered({ sequencer }: ListedObject, { entry }: StoredImage): boolean {
  return entry !== null && entry.sequencer > toPosition(sequencer, 0).sequencer;
}

/** Reads every job that has no answer yet. */
export async function readOpenJobs(table: DynamoDBDocumentClient, tableName: string, now: Date): Promise<Job[]> {
  const jobs: Job[] = [];
  const items = scan(table, {
    TableName: tableName,
    FilterExpression: 'sk = :job AND #state IN (:queued, :running)',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':job': JOB_SORT_KEY, ':queued': 'queued', ':running': 'running' },
  });
  for await (const item of items) {
    const job = jobSchema.safeParse(item);
    if (job.success && !isExpired(job.data, now)) jobs.push(job.data);
  }
  return jobs;
}

/** Reads every entry and label row of a bucket, by key. */
export async function readImages(
  table: DynamoDBDocumentClient,
  tableName: string,
  bucket: string,
): Promise<Map<string, StoredImage>> {
  const images = new Map<string, StoredImage>();
  const items = scan(table, {
    TableName: tableName,
    FilterExpression: '#bucket = :bucket',
    ExpressionAttributeNames: { '#bucket': 'bucket' },
    ExpressionAttributeValues: { ':bucket': bucket },
  });
  for await (const item of items) addItem(images, item);
  return images;
}

/** Yields every item that passes the filter, page by page, with strongly consistent reads. */
async function* scan(client: DynamoDBDocumentClient, input: ScanCommandInput): AsyncGenerator<unknown> {
  for await (const { Items = [] } of paginateScan({ client }, { ...input, ConsistentRead: true })) yield* Items;
}

/**
 * Adds an item to its image. Items that do not belong to an image, or have a newer format, are
 * ignored.
 */
function addItem(images: Map<string, StoredImage>, item: unknown): void {
  const known = itemSchema.safeParse(item);
  if (!known.success) return;
  const { sk, key } = known.data;
  const image = images.get(key) ?? { entry: null, rows: [] };
  const entry = sk === 'IMAGE' ? entrySchema.safeParse(item) : null;
  const row = sk.startsWith('RANK#') ? labelRowSchema.safeParse(item) : null;
  if (entry?.success) images.set(key, { ...image, entry: entry.data });
  if (row?.success) images.set(key, { ...image, rows: [...image.rows, row.data] });
}

/** Tells whether readers still find an image whose object is gone. */
function isShown(image: StoredImage, indexThreshold: number): boolean {
  const { entry } = image;
  return entry !== null && (!isTombstone(entry) || hasWrongRows(image, indexThreshold));
}

/** Whether the record lacks the time of its object, and so is not in the index by time. */
function lacksTime({ entry }: StoredImage): boolean {
  return entry !== null && !isTombstone(entry) && entry.lastModified === null;
}

function messageWithoutSequencer(bucket: string, eventName: string, key: string): string {
  return JSON.stringify({
    Records: [{ eventName, s3: { bucket: { name: bucket }, object: { key: formEncode(key) } } }],
  });
}
