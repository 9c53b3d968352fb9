import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Run } from '../../functions/backfill/run-request.ts';
import { callingServices } from '../deployment/service-error.ts';
import { RateBar } from '../progress-bar.ts';
import { countInventory } from './count-inventory.ts';
import { type ObjectCount, ObjectCounter, type Wanted } from './object-count.ts';

export interface CountRequest extends Wanted {
  readonly s3: S3Client;
  readonly region: string;
  readonly source: Run['source'];
}

/** S3 counts once a day, and tells it up to two days late. */
const METRIC_DAYS = 4;
const SECONDS_PER_DAY = 86_400;

/**
 * Counts the objects that a backfill would find: in the inventory, if there is one; by S3's daily
 * count in CloudWatch for a bucket that is watched and asked for as a whole; else by listing, which
 * takes about a minute for every half million objects.
 * @throws {ServiceRefusedError}
 * @throws {InventoryError}
 */
export async function countObjects(request: CountRequest): Promise<ObjectCount> {
  const { s3, source, prefix, suffix, minBytes, maxBytes } = request;
  if (source.kind === 'inventory') return countInventory(s3, source, request);
  const isUnfiltered = prefix === '' && suffix === '' && minBytes === 0 && maxBytes === null;
  const isWhole = isUnfiltered && isWatchedWhole(request);
  return ((isWhole || null) && (await readDailyCount(request))) ?? (await countByListing(request));
}

function isWatchedWhole({ bucket, watched }: Wanted): boolean {
  return watched.some((one) => one.bucket === bucket && one.prefix === '' && one.suffix === '');
}

/** Returns null if S3 has not counted the bucket yet: it is new, or empty. */
async function readDailyCount({ region, bucket }: CountRequest): Promise<ObjectCount | null> {
  const cloudWatch = new CloudWatchClient({ region });
  const now = Date.now();
  try {
    const { Datapoints = [] } = await callingServices(['cloudwatch:GetMetricStatistics'], () =>
      cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'AWS/S3',
          MetricName: 'NumberOfObjects',
          Dimensions: [
            { Name: 'BucketName', Value: bucket },
            { Name: 'StorageType', Value: 'AllStorageTypes' },
          ],
          StartTime: new Date(now - METRIC_DAYS * SECONDS_PER_DAY * 1000),
          EndTime: new Date(now),
          Period: SECONDS_PER_DAY,
          Statistics: ['Average'],
        }),
      ),
    );
    const [newest] = Datapoints.sort((one, other) => Number(other.Timestamp) - Number(one.Timestamp));
    if (newest?.Average === undefined || newest.Timestamp === undefined) return null;
    const objects = Math.round(newest.Average);
    const day = newest.Timestamp.toISOString().slice(0, 'YYYY-MM-DD'.length);
    return {
      objects,
      listed: objects,
      leftOut: new Map(),
      source: `CloudWatch's count of ${day}`,
      isApproximate: true,
    };
  } finally {
    cloudWatch.destroy();
  }
}

async function countByListing({ s3, ...wanted }: CountRequest): Promise<ObjectCount> {
  const counter = new ObjectCounter(wanted);
  const bar = new RateBar(`counting ${wanted.bucket}`, 'objects');
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: wanted.bucket, Prefix: wanted.prefix });
  try {
    for (;;) {
      const { value: page, done } = await callingServices(['s3:ListBucket'], () => pages.next());
      if (done) break;
      for (const { Key = '', Size = 0, StorageClass = '' } of page?.Contents ?? []) {
        counter.add({ key: Key, size: Size, storageClass: StorageClass });
      }
      bar.update({ done: counter.seen, before: 0, total: null });
    }
  } finally {
    bar.stop();
  }
  const { objects, leftOut, seen } = counter;
  return { objects, listed: seen, leftOut, source: 'listed', isApproximate: false };
}
