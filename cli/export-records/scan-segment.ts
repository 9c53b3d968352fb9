import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { IMAGE_SORT_KEY } from '../../functions/records/store.ts';
import { callingServices } from '../deployment/service-error.ts';
import type { Place } from './checkpoint.ts';

/** What one call of Scan found. */
export interface ScannedPage {
  /** Items that are records of images, as the table has them. */
  readonly items: readonly Record<string, unknown>[];
  /** All items that were read for that. */
  readonly read: number;
  /** Where the segment goes on. */
  readonly next: Exclude<Place, null>;
}

export interface Segment {
  readonly table: string;
  /** 0 is the first. */
  readonly segment: number;
  readonly segments: number;
  /** Fewer items on a page. Default: as many as fit into a megabyte. */
  readonly pageItems?: number | undefined;
}

/**
 * Reads the records of one segment of the table, page by page. Label rows, jobs and tombstones are
 * left out by the table. Reads are eventually consistent, which costs half.
 * @param place where to begin
 * @throws {ServiceRefusedError} when the table cannot be read
 */
export async function* scanSegment(
  client: DynamoDBDocumentClient,
  { table, segment, segments, pageItems }: Segment,
  place: Place,
): AsyncGenerator<ScannedPage> {
  let next = place;
  while (next !== 'end') {
    const input = {
      TableName: table,
      Segment: segment,
      TotalSegments: segments,
      FilterExpression: 'sk = :image AND attribute_not_exists(deletedAt)',
      ExpressionAttributeValues: { ':image': IMAGE_SORT_KEY },
      ...(pageItems !== undefined && { Limit: pageItems }),
      ...(next !== null && { ExclusiveStartKey: next }),
    };
    const page = await callingServices(['dynamodb:Scan'], () => client.send(new ScanCommand(input)));
    const { Items = [], ScannedCount = 0, LastEvaluatedKey: last } = page;
    next = last === undefined ? 'end' : { pk: String(last['pk']), sk: String(last['sk']) };
    yield { items: Items, read: ScannedCount, next };
  }
}
