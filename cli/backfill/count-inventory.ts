import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { messageOf } from '../../classifier/message-of.ts';
import type { InventoriedItem } from '../../functions/backfill/batch.ts';
import type { Run } from '../../functions/backfill/run-request.ts';
import { callingServices } from '../deployment/service-error.ts';
import { InventoryError } from './errors.ts';
import { type ObjectCount, ObjectCounter, type Wanted } from './object-count.ts';

type Inventory = Extract<Run['source'], { readonly kind: 'inventory' }>;

/** Bytes of an inventory's files that are read. The rest is extrapolated by the files' sizes. */
const MAX_READ_BYTES = 200_000_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html */
const manifestSchema = z.object({
  fileFormat: z.literal('CSV', 'CSV; a backfill reads no ORC and no Parquet'),
  sourceBucket: z.string(),
  fileSchema: z.string(),
  files: z.array(z.object({ key: z.string(), size: z.int().nonnegative() })),
});

const NEEDED_COLUMNS = ['Bucket', 'Key', 'Size', 'StorageClass'] as const;

/**
 * Counts the objects of an S3 Inventory. Of a large one it reads the first files only.
 * @param mostBytes of its files that are read, but at least one file. Default 200 MB
 * @throws {InventoryError} when it is none, is not in CSV, or lacks a column
 * @throws {ServiceRefusedError}
 */
export async function countInventory(
  s3: S3Client,
  inventory: Inventory,
  wanted: Wanted,
  mostBytes = MAX_READ_BYTES,
): Promise<ObjectCount> {
  const { bucket } = wanted;
  const name = `s3://${inventory.bucket}/${inventory.manifestKey}`;
  const { files, fileSchema, sourceBucket } = parseManifest(
    await text(await open(s3, inventory.bucket, inventory.manifestKey)),
    name,
  );
  if (sourceBucket !== bucket) {
    throw new InventoryError(`${name} is an inventory of the bucket ${sourceBucket}. Give one of ${bucket}.`);
  }
  const columns = fileSchema.split(',').map((column) => column.trim());
  const missing = NEEDED_COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new InventoryError(
      `${name} lacks the columns ${missing.join(', ')}. Add the optional fields of the inventory's configuration, and wait for the next one.`,
    );
  }
  const counter = new ObjectCounter(wanted);
  const totalBytes = files.reduce((total, { size }) => total + size, 0);
  let readBytes = 0;
  for (const { key, size } of files) {
    if (readBytes > 0 && readBytes + size > mostBytes) break;
    await countFile(s3, inventory.bucket, key, columns, counter);
    readBytes += size;
  }
  const share = totalBytes === 0 ? 1 : readBytes / totalBytes;
  return {
    objects: Math.round(counter.objects / share),
    listed: null,
    leftOut: new Map([...counter.leftOut].map(([why, count]) => [why, Math.round(count / share)])),
    source: `the inventory ${name}`,
    isApproximate: share < 1,
  };
}

function parseManifest(json: string, name: string): z.output<typeof manifestSchema> {
  try {
    return manifestSchema.parse(JSON.parse(json));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause);
    throw new InventoryError(
      `${name} is not the manifest of an S3 Inventory in CSV: ${why}. Give the address of its manifest.json.`,
      cause,
    );
  }
}

async function countFile(
  s3: S3Client,
  bucket: string,
  key: string,
  columns: readonly string[],
  counter: ObjectCounter,
): Promise<void> {
  const body = await open(s3, bucket, key);
  const rows = body.pipe(createGunzip());
  // `pipe` does not hand on a failure of its source.
  body.on('error', (error) => rows.destroy(error));
  try {
    for await (const line of createInterface({ input: rows, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') counter.add(parseRow(line, columns));
    }
  } catch (cause) {
    throw new InventoryError(`s3://${bucket}/${key} of the inventory cannot be read: ${messageOf(cause)}`, cause);
  }
}

/**
 * Reads a row. Every value stands in quotation marks, and no value contains one: keys are encoded
 * as in a URL.
 */
function parseRow(line: string, columns: readonly string[]): InventoriedItem {
  const values = line.slice(1, -1).split('","');
  const value = (column: string): string | undefined => values[columns.indexOf(column)];
  return {
    bucket: value('Bucket') ?? '',
    encodedKey: value('Key') ?? '',
    size: value('Size'),
    storageClass: value('StorageClass'),
    isLatest: value('IsLatest'),
    isDeleteMarker: value('IsDeleteMarker'),
    accessTier: value('IntelligentTieringAccessTier'),
  };
}

function open(s3: S3Client, Bucket: string, Key: string): Promise<Readable> {
  return callingServices(['s3:GetObject'], async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return Body instanceof Readable ? Body : Readable.from([]);
  });
}
