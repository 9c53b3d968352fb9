/**
 * Measures `GET /images?label=` of the local stack over HTTP, including presigned URLs: 10,000
 * records with five labels each, pages of 50.
 *
 *   node --import tsx bench/search.ts
 *
 * Results: bench/results/search.json.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { mulberry32 } from '../classifier/mulberry32.ts';
import { labelRows } from '../functions/records/labels.ts';
import { listRows } from '../functions/records/row-list.ts';
import { MAX_PAGE_ROWS, searchByLabel } from '../functions/records/search.ts';
import { IMAGE_SORT_KEY, imagePartition, labelRowSortKey } from '../functions/records/store.ts';
import { localDynamoDb } from '../local/clients.ts';
import { TABLE, UPLOADS_BUCKET } from '../local/names.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { validRecord } from '../test/functions/records/valid-record.ts';
import { report } from './report.ts';
import { startStack } from './stack-process.ts';

const RECORDS = 10_000;
const LABELS = 20;
const LIMIT = 50;
const REPEATS = 60;
/** The most items that BatchWriteItem accepts. */
const WRITE_BATCH = 25;

const healthSchema = z.object({ endpoints: z.object({ dynamodb: z.string() }) });
const pageSchema = z.object({ images: z.array(z.object({ url: z.string() })) });

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
const { child, url } = await startStack(await ensureSamplePackage(folder), folder);
try {
  const { endpoints } = healthSchema.parse(await (await fetch(`${url}/health`)).json());
  const table = DynamoDBDocumentClient.from(localDynamoDb(endpoints.dynamodb));
  await fill(table);
  await report('search', [await measure(table)]);
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function fill(table: DynamoDBDocumentClient): Promise<void> {
  const random = mulberry32(1);
  const items: object[] = [];
  for (let index = 0; index < RECORDS; index += 1) {
    const first = random() % LABELS;
    const predictions = Array.from({ length: 10 }, (_, rank) => ({
      rank: rank + 1,
      label: `label ${(first + rank * 7) % LABELS}`,
      wnid: null,
      index: rank,
      probability: (random() / 2 ** 32) * 0.5 ** rank,
    }));
    const rows = listRows({ state: 'tagged', predictions, concepts: [] }, 0);
    const record = validRecord({ bucket: UPLOADS_BUCKET, key: `picture-${index}.jpg`, predictions, rows });
    const pk = imagePartition(record);
    items.push({ pk, sk: IMAGE_SORT_KEY, ...record });
    items.push(...labelRows(record).map((row) => ({ pk, sk: labelRowSortKey(row.rank), ...row })));
  }
  for (let start = 0; start < items.length; start += WRITE_BATCH) {
    const Requests = items.slice(start, start + WRITE_BATCH).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await table.send(new BatchWriteCommand({ RequestItems: { [TABLE]: Requests } }));
  }
}

async function measure(table: DynamoDBDocumentClient) {
  const answers: number[] = [];
  const searches: number[] = [];
  let reads = 0;
  for (let turn = 0; turn < REPEATS; turn += 1) {
    const label = `label ${turn % LABELS}`;
    const start = performance.now();
    const page = pageSchema.parse(
      await (await fetch(`${url}/images?label=${encodeURIComponent(label)}&limit=${LIMIT}`)).json(),
    );
    answers.push(performance.now() - start);
    if (page.images.length !== LIMIT) throw new Error(`expected ${LIMIT} images, found ${page.images.length}`);
    // The same search again, without HTTP and URLs: how much it reads and how long it takes.
    const sources = [{ id: label, within: null }];
    const search = { bucket: UPLOADS_BUCKET, sources, minProbability: 0, limit: LIMIT, after: null };
    const searchStart = performance.now();
    reads = Math.max(reads, (await searchByLabel(table, TABLE, search)).reads);
    searches.push(performance.now() - searchStart);
  }
  return {
    records: RECORDS,
    limit: LIMIT,
    p50Ms: quantile(answers, 0.5),
    p95Ms: quantile(answers, 0.95),
    searchAloneP50Ms: quantile(searches, 0.5),
    searchAloneP95Ms: quantile(searches, 0.95),
    mostReads: reads,
    readsAllowed: 2 * LIMIT + 4 * MAX_PAGE_ROWS,
  };
}

/** Returns a quantile of the times without the first ones, which warm up. */
function quantile(times: readonly number[], share: number): number {
  const sorted = times.slice(5).toSorted((a, b) => a - b);
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(1));
}
