import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { MapState } from './definition-schema.ts';

const manifestSchema = z.object({
  fileFormat: z.literal('CSV'),
  /** Names of the columns, with commas between them. */
  fileSchema: z.string(),
  files: z.array(z.object({ key: z.string() })),
});

/** A field in quotation marks, in which two of them stand for one. */
const FIELD = /"((?:[^"]|"")*)"(?:,|$)/g;

/**
 * Reads the items of a map, as Step Functions hands them to the selector:
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export async function readItems(reader: MapState['ItemReader'], client: S3Client): Promise<unknown[]> {
  return 'ReaderConfig' in reader ? readInventory(reader.Arguments, client) : list(reader.Arguments, client);
}

async function list({ Bucket, Prefix }: { Bucket: string; Prefix: string }, client: S3Client): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const { ETag, Key, LastModified, Size, StorageClass } of Contents) {
      const seconds = Math.floor((LastModified?.getTime() ?? 0) / 1000);
      items.push({ Etag: ETag, Key, LastModified: seconds, Size, StorageClass });
    }
  }
  return items;
}

async function readInventory({ Bucket, Key }: { Bucket: string; Key: string }, client: S3Client): Promise<unknown[]> {
  const read = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const { fileSchema, files } = manifestSchema.parse(JSON.parse((await read(Key)).toString()));
  const columns = fileSchema.split(',').map((name) => name.trim());
  const items: unknown[] = [];
  for (const { key } of files) {
    const lines = gunzipSync(await read(key))
      .toString()
      .split('\n');
    for (const line of lines.filter((one) => one !== '')) {
      const fields = [...line.matchAll(FIELD)].map(([, field = '']) => field.replaceAll('""', '"'));
      items.push(Object.fromEntries(columns.map((name, index) => [name, fields[index] ?? ''])));
    }
  }
  return items;
}
