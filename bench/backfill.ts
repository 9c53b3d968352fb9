/**
 * A backfill of 20,000 objects on the local services, by the stack's own definition: processes of
 * the function are killed in the middle and the execution is stopped, and then it is redriven.
 * Meanwhile some keys get newer uploads. Is each object tagged, and how often was each read?
 *
 *   node --import tsx bench/backfill.ts [OBJECTS]
 *
 * Results: bench/results/backfill.json, shown in docs/measurements.md (`npm run docs`).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, GetObjectTaggingCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { ITEM_OUTCOMES, itemCountsSchema } from '../functions/backfill/item-result.ts';
import { countsPrefix } from '../functions/backfill/result-keys.ts';
import { MAX_TASKS_AT_ONCE } from '../functions/side-by-side/runner.ts';
import { SERVICE_BUCKET, UPLOADS_BUCKET } from '../local/names.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { putMany, startRun } from '../test/infra/backfill/backfill-world.ts';
import { startServices } from '../test/infra/boot/services.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { startPooledFunction } from './backfill-function.ts';
import { report } from './report.ts';
import { countRequests } from './request-counts.ts';

const OBJECTS = Number(process.argv[2] ?? 20_000);
const PROCESSES = 2;
const NEWER = 20;
const RUN = 'bench';
/** Every so many keys one gets a newer upload, so that some are tagged by then and others not. */
const NEWER_EVERY = Math.floor(OBJECTS / NEWER);
const POLL_MS = 50;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-backfill-'));
const services = await startServices(folder);
try {
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  const keys = Array.from({ length: OBJECTS }, (_, index) => `many/${String(index).padStart(6, '0')}.jpg`);
  await putMany(services, keys, await samplePicture('candle-2'));
  services.takeEvent();
  const counts = countRequests(UPLOADS_BUCKET);
  // Label rows are the same writes again; without them 20,000 objects take half the time.
  const shared = { packageDir, services, variables: { AUTOSWIFTNET_INDEX_THRESHOLD: '1' } };
  const backfill = startPooledFunction({ name: 'backfill', processes: PROCESSES, ...shared });
  const uploads = startPooledFunction({ name: 'tag-upload', processes: 1, ...shared });
  const invoke = (_name: string, payload: unknown) => backfill.invoke(payload);
  const execution = startRun(RUN, { prefix: 'many/' }, { concurrency: PROCESSES });

  const written = () => counts.table.get('PutItem') ?? 0;
  const start = performance.now();
  const stop = new AbortController();
  const first = execution.run({ s3: services.s3, invoke, signal: stop.signal });
  await until(() => written() >= OBJECTS / 4);
  const newer = keys.filter((_, index) => index % NEWER_EVERY === 0);
  const picture = await samplePicture('lemon-2');
  for (const Key of newer) await services.s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key, Body: picture }));
  await uploads.invoke(services.takeEvent());
  await until(() => written() >= OBJECTS / 2);
  stop.abort();
  await backfill.kill();
  const { status: killedStatus } = await first;
  const writtenAtKill = written();
  const { status } = await execution.run({ s3: services.s3, invoke });
  const seconds = (performance.now() - start) / 1000;
  await uploads.kill();
  const again = startRun(`${RUN}-again`, { prefix: 'many/' }, { concurrency: PROCESSES });
  const before = new Map(counts.table);
  const { status: statusAgain } = await again.run({ s3: services.s3, invoke });
  const during = (operation: string) => (counts.table.get(operation) ?? 0) - (before.get(operation) ?? 0);
  const secondRun = {
    secondRunStatus: statusAgain,
    secondRunQueries: during('Query'),
    secondRunWrites: during('PutItem'),
  };
  await backfill.kill();

  const row = {
    objects: OBJECTS,
    processes: PROCESSES,
    killedAtRecord: writtenAtKill,
    killedStatus,
    status,
    seconds: Math.round(seconds),
    ...(await outcomes(RUN)),
    recordsTagged: await countTagged(keys),
    withoutTag: await countUntagged(keys),
    tagsWrittenTwice: moreThan(counts.tagWrites, 1, newer),
    readTwice: moreThan(counts.reads, 1, newer),
    readMoreThanTwice: moreThan(counts.reads, 2, newer),
    newerUploads: newer.length,
    newerWon: await countNewer(newer),
    ...secondRun,
  };
  await report('backfill', [row]);
  const isSound =
    row.status === 'SUCCEEDED' &&
    row.recordsTagged === OBJECTS &&
    row.withoutTag === 0 &&
    row.newerWon === newer.length &&
    row.readTwice <= MAX_TASKS_AT_ONCE * PROCESSES &&
    row.secondRunQueries === OBJECTS &&
    row.secondRunWrites === 0;
  if (!isSound) process.exitCode = 1;
} finally {
  await services.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** What the results of a run say, by outcome. */
async function outcomes(runId: string): Promise<Record<string, number>> {
  const { s3: client } = services;
  const sums: Record<string, number> = {};
  const pages = paginateListObjectsV2({ client }, { Bucket: SERVICE_BUCKET, Prefix: countsPrefix(runId) });
  for await (const { Contents = [] } of pages) {
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: SERVICE_BUCKET, Key }));
      const { items } = itemCountsSchema.parse(JSON.parse((await Body?.transformToString()) ?? ''));
      for (const outcome of ITEM_OUTCOMES) sums[outcome] = (sums[outcome] ?? 0) + items[outcome];
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum > 0));
}

async function countTagged(all: readonly string[]): Promise<number> {
  let tagged = 0;
  for (const key of all) {
    const record = await services.records.readRecord({ bucket: UPLOADS_BUCKET, key });
    if (record?.state === 'tagged') tagged += 1;
  }
  return tagged;
}

async function countUntagged(all: readonly string[]): Promise<number> {
  let untagged = 0;
  for (const Key of all) {
    const { TagSet = [] } = await services.s3.send(new GetObjectTaggingCommand({ Bucket: UPLOADS_BUCKET, Key }));
    if (!TagSet.some((tag) => tag.Key === 'autoswiftnet:label')) untagged += 1;
  }
  return untagged;
}

/** Newer uploads whose record has their place in the order, and their own label as its tag. */
async function countNewer(all: readonly string[]): Promise<number> {
  let won = 0;
  for (const key of all) {
    const record = await services.records.readRecord({ bucket: UPLOADS_BUCKET, key });
    const { TagSet = [] } = await services.s3.send(new GetObjectTaggingCommand({ Bucket: UPLOADS_BUCKET, Key: key }));
    const label = TagSet.find(({ Key }) => Key === 'autoswiftnet:label')?.Value;
    if (record?.predictions[0]?.label === 'lemon' && label === 'lemon' && record.sequencer !== '0') won += 1;
  }
  return won;
}

function moreThan(counted: ReadonlyMap<string, number>, times: number, except: readonly string[]): number {
  return [...counted].filter(([key, count]) => count > times && !except.includes(key)).length;
}
