import { isObjectKey, MAX_KEY_BYTES } from '../object-key.ts';
import type { CreatedEvent } from '../tagging/image-event.ts';
import { isWatched, type WatchedObjects } from '../watched-objects.ts';
import type { BackfillItem, InventoriedItem } from './batch.ts';
import { InvalidItemError } from './errors.ts';
import type { ItemOutcome } from './item-result.ts';
import type { Run } from './run-request.ts';

/** What to do about an item: tag its object, or leave it, with the outcome that says why. */
export type ItemChoice =
  | { readonly kind: 'tag'; readonly event: CreatedEvent }
  | { readonly kind: 'leave'; readonly key: string; readonly outcome: ItemOutcome };

type Filters = Pick<Run, 'prefix' | 'suffix' | 'minBytes' | 'maxBytes'>;

/**
 * Objects of these classes must be restored before they can be read:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
 */
const ARCHIVES = new Set(['GLACIER', 'DEEP_ARCHIVE']);
const ARCHIVE_TIERS = new Set(['ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS']);

/**
 * Chooses from what the listing or the inventory says. It costs no request.
 * @param bucket the bucket that the run is about
 * @param watched what is tagged; by default all of that bucket
 * @throws {InvalidItemError} when the item cannot be an object of that bucket
 */
export function chooseItem(
  item: BackfillItem,
  bucket: string,
  filters: Filters,
  watched: readonly WatchedObjects[] = [{ bucket, prefix: '', suffix: '' }],
): ItemChoice {
  const key = keyOf(item, bucket);
  const size = sizeOf(item);
  const leave = (outcome: ItemOutcome): ItemChoice => ({ kind: 'leave', key, outcome });
  if (isOld(item)) return leave('not-latest');
  if (!passes(key, size, filters) || !isWatched(watched, { bucket, key })) return leave('filtered');
  if (key.endsWith('/') && size === 0) return leave('folder-marker');
  if (isArchived(item)) return leave('archived');
  const eTag = item.eTag?.replaceAll('"', '') || null;
  const event = { kind: 'created', name: { bucket, key }, versionId: null, eTag, size, sequencer: null, time: null };
  return { kind: 'tag', event: event as CreatedEvent };
}

/** Returns the key as the item has it, for the line of an item that is refused. */
export function shownKeyOf(item: BackfillItem): string {
  return 'key' in item ? item.key : item.encodedKey;
}

function keyOf(item: BackfillItem, bucket: string): string {
  const key = 'key' in item ? item.key : decodeKey(item, bucket);
  if (isObjectKey(key)) return key;
  throw new InvalidItemError(
    `the key has ${Buffer.byteLength(key)} bytes, and S3 has keys of 1 to ${MAX_KEY_BYTES}. Check what wrote the list of keys.`,
  );
}

function decodeKey({ bucket: listed, encodedKey }: InventoriedItem, bucket: string): string {
  if (listed !== bucket) {
    throw new InvalidItemError(
      `the inventory is of the bucket ${listed}, and this run is about ${bucket}. Name an inventory of that bucket.`,
    );
  }
  try {
    return decodeURIComponent(encodedKey.replaceAll('+', ' '));
  } catch (cause) {
    throw new InvalidItemError(
      'the key is not encoded as in an inventory: expected form-encoded UTF-8. Name an inventory in CSV, as S3 wrote it.',
      cause,
    );
  }
}

/** Returns the bytes; null: not known. A line of an inventory may leave them empty. */
function sizeOf({ size }: BackfillItem): number | null {
  if (size === undefined || size === '') return null;
  const bytes = Number(size);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new InvalidItemError(
    `the size ${JSON.stringify(size)} is not a number of bytes. Check what wrote the list of keys.`,
  );
}

function isOld(item: BackfillItem): boolean {
  if ('key' in item) return false;
  return item.isLatest?.toLowerCase() === 'false' || item.isDeleteMarker?.toLowerCase() === 'true';
}

function isArchived(item: BackfillItem): boolean {
  if (ARCHIVES.has(item.storageClass ?? '')) return true;
  return 'encodedKey' in item && ARCHIVE_TIERS.has(item.accessTier ?? '');
}

/** An object of unknown size passes every limit of the size. */
function passes(key: string, size: number | null, { prefix, suffix, minBytes, maxBytes }: Filters): boolean {
  if (!key.startsWith(prefix) || !key.endsWith(suffix)) return false;
  return size === null || (size >= minBytes && (maxBytes === null || size <= maxBytes));
}
