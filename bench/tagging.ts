/**
 * Measures the tagging function before and after it handled messages side by side: the deployed
 * bundle, on one core, with a ResNet-50 in int8 of random weights. The services are on the other
 * core, behind proxies that answer after 25 ms (S3), 5 ms (DynamoDB) and 15 ms (SNS). Both versions
 * take turns, so that other work on the machine affects both alike.
 *
 *   node --import tsx bench/tagging.ts [ROUNDS]
 *
 * Results: bench/results/tagging.json, shown in docs/measurements.md (`npm run docs`).
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { UPLOADS_BUCKET } from '../local/names.ts';
import { quantizePackage } from '../models/quantize.ts';
import { faultPlanSchema } from '../test/faults/fault-plan.ts';
import { type BootServices, startServices } from '../test/infra/boot/services.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { bundleTagging } from './bundle-at.ts';
import { inFirstFormat } from './first-format.ts';
import { largestPicture } from './largest-picture.ts';
import { median } from './measure.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';
import { type Handled, startTagging, type TaggingProcess } from './tagging-process.ts';
import type { MemoryRow, RatioRow, TimesRow, Version } from './tagging-rows.ts';

/** The last commit whose function handled one message after the other. */
const BEFORE = '04176f5d414d';
const ROUNDS = Number(process.argv[2] ?? 15);
const LONE_A_ROUND = 5;
const BATCH = 10;
/** The sample model's pictures, enlarged to about half a megapixel. */
const LABELS = ['daisy', 'pizza', 'banana', 'maze', 'lemon', 'acorn', 'volcano', 'goldfish', 'strawberry', 'balloon'];
const PICTURE_PIXELS = 600;
const SERVICES_CORE = 1;
const PLAN = faultPlanSchema.parse({
  seed: 1,
  services: { s3: { delayMs: 25 }, dynamodb: { delayMs: 5 }, sns: { delayMs: 15 } },
});

const VERSIONS = ['before', 'after'] as const;

/** What one image took, by version and size of the batch. */
interface Measured {
  readonly version: Version;
  readonly batch: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly calls: Readonly<Record<string, number>>;
}

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
const services = await startServices(folder);
try {
  const bundles = { before: bundleTagging(BEFORE, folder), after: bundleTagging(null, folder) };
  const int8 = join(folder, 'resnet50.int8');
  await quantizePackage({ package: await randomPackage('resnet50', folder), out: int8 });
  const packages = { before: await inFirstFormat(int8, folder), after: int8 };
  const pictures = await enlargedSamples();
  const largest = await largestPicture();
  // All threads of this process, which are the services and the proxies.
  if (cpus().length > 1) execFileSync('taskset', ['-acp', String(SERVICES_CORE), String(process.pid)]);
  const start = (version: Version, run: string) =>
    startTagging({
      name: `${version}-${run}`,
      bundle: bundles[version],
      packageDir: packages[version],
      services,
      plan: PLAN,
    });

  const measured = await measureTimes(start, pictures);
  const rows = [1, BATCH].flatMap((batch) => [
    ...VERSIONS.map((version) => timesRow(measured.filter((one) => one.version === version && one.batch === batch))),
    ratioRow(measured.filter((one) => one.batch === batch)),
  ]);
  await report('tagging', [...rows, ...(await measureMemory(start, largest, pictures.slice(1, BATCH)))]);
} finally {
  await services.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

function enlargedSamples(): Promise<Buffer[]> {
  const enlarge = async (label: string) => {
    const picture = sharp(await samplePicture(`${label}-1`)).resize({
      width: PICTURE_PIXELS,
      height: PICTURE_PIXELS,
      fit: 'outside',
    });
    return picture.jpeg({ quality: 85 }).toBuffer();
  };
  return Promise.all(LABELS.map(enlarge));
}

type Start = (version: Version, run: string) => Promise<TaggingProcess>;

async function measureTimes(start: Start, pictures: readonly Buffer[]): Promise<Measured[]> {
  const processes = { before: await start('before', 'times'), after: await start('after', 'times') };
  const measured: Measured[] = [];
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const version of round % 2 === 0 ? VERSIONS : VERSIONS.toReversed()) {
      const handled = await measureRound(processes[version], version, round, pictures);
      if (round > 0) measured.push(...handled);
    }
  }
  await Promise.all(VERSIONS.map((version) => processes[version].close()));
  return measured;
}

async function measureRound(tagging: TaggingProcess, version: Version, round: number, pictures: readonly Buffer[]) {
  const lone: Handled[] = [];
  for (const picture of pictures.slice(0, LONE_A_ROUND)) {
    lone.push(await handle(tagging, `${version}-${round}-lone-${lone.length}`, [picture]));
  }
  const together = await handle(tagging, `${version}-${round}`, pictures);
  return [...lone.map((one) => perImage(version, 1, one)), perImage(version, BATCH, together)];
}

/** Uploads pictures, and hands over their events as one batch. */
async function handle(tagging: TaggingProcess, prefix: string, pictures: readonly Buffer[]): Promise<Handled> {
  await upload(services, prefix, pictures);
  return tagging.handle(services.takeEvent());
}

async function upload({ s3 }: BootServices, prefix: string, pictures: readonly Buffer[]): Promise<void> {
  for (const [index, Body] of pictures.entries()) {
    await s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: `${prefix}/${index}.jpg`, Body }));
  }
}

function perImage(version: Version, batch: number, { wallMs, cpuMs, calls }: Handled): Measured {
  return { version, batch, wallMs: wallMs / batch, cpuMs: cpuMs / batch, calls: mapValues(calls, (n) => n / batch) };
}

function timesRow(measured: readonly Measured[]): TimesRow {
  const [first] = measured;
  return {
    what: first?.batch === 1 ? 'a lone image' : `an image in a batch of ${first?.batch}`,
    version: first?.version ?? 'after',
    images: measured.length * (first?.batch ?? 0),
    wallMs: round(median(measured.map(({ wallMs }) => wallMs))),
    processorMs: round(median(measured.map(({ cpuMs }) => cpuMs))),
    waitMs: round(median(measured.map(({ wallMs, cpuMs }) => wallMs - cpuMs))),
    calls: first === undefined ? {} : mapValues(first.calls, round),
  };
}

/** The median over pairs of one round. */
function ratioRow(measured: readonly Measured[]): RatioRow {
  const [before, after] = VERSIONS.map((version) => measured.filter((one) => one.version === version));
  const ratio = (value: (one: Measured) => number) =>
    Number(median((after ?? []).map((one, index) => value(one) / value(before?.[index] ?? one))).toFixed(2));
  return {
    what: `after / before, in a batch of ${measured[0]?.batch}`,
    wallRatio: ratio(({ wallMs }) => wallMs),
    processorRatio: ratio(({ cpuMs }) => cpuMs),
  };
}

/** Measures fresh processes that handle the largest permitted picture, alone or not. */
async function measureMemory(start: Start, largest: Buffer, others: readonly Buffer[]): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const [what, pictures] of [
    ['the largest picture alone', [largest]],
    ['the largest picture and nine others', [...others, largest]],
    ['three largest pictures', [largest, largest, largest]],
  ] as const) {
    for (const version of VERSIONS) {
      const tagging = await start(version, `memory-${rows.length}`);
      const { peakMb } = await handle(tagging, `${version}-memory-${rows.length}`, pictures);
      await tagging.close();
      rows.push({ what, version, megabytes: round(largest.length / 1e6), peakMb: Math.round(peakMb) });
    }
  }
  return rows;
}

function mapValues(values: Readonly<Record<string, number>>, map: (value: number) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
