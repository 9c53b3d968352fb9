/**
 * Measures images per second of the whole worker, from the queue to the record, compared with its
 * session alone at the same batch size. Both use the CPU provider with one inference thread and
 * take turns.
 *
 *   node --import tsx bench/worker.ts [ARCHITECTURE [BATCH [IMAGES]]]
 *
 * The defaults are resnext101_32x4d, 16 and 320. The embedded services and the decoding need a core
 * of their own, so on a busy machine `busy` says more than `share`: it is the part of the worker's
 * time in which its session computed, so what slows down both does not change it. Results:
 * bench/results/worker.json.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../classifier/manifest.ts';
import { INPUT_ELEMENTS, selfTestImage } from '../classifier/self-test.ts';
import { openSession } from '../classifier/session.ts';
import { type HeavyWorld, openHeavyWorld, untilEmpty } from '../test/functions/gpu-worker/heavy-world.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { median } from './measure.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';
import { metricValues, timeOf } from './worker-log.ts';

const [architecture = 'resnext101_32x4d', batch = '16', images = '320'] = process.argv.slice(2);
const batchSize = Number(batch);
const count = Number(images);

interface WorkerRate {
  readonly imagesPerSecond: number;
  /**
   * The part of the time, from being ready to the last record, in which the session computed; 0 to
   * 1.
   */
  readonly busy: number;
}

/** Each figure is the median of this many turns. */
const TURNS = 3;
const TIME_LIMIT_MS = 1_800_000;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  const packageDir = await randomPackage(architecture, folder);
  const bare: number[] = [];
  const worker: WorkerRate[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    bare.push(await measureSession(packageDir));
    worker.push(await measureWorker(packageDir));
  }
  const rates = worker.map(({ imagesPerSecond }) => imagesPerSecond);
  const row = {
    architecture,
    batchSize,
    images: count,
    bareImagesPerSecond: median(bare),
    workerImagesPerSecond: median(rates),
    share: round(median(rates) / median(bare)),
    busy: median(worker.map(({ busy }) => busy)),
    bare: bare.join(', '),
    worker: rates.join(', '),
  };
  await report('worker', [row]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs only full batches, after one to warm up. */
async function measureSession(packageDir: string): Promise<number> {
  const session = await openSession(packageDir, await readManifest(packageDir), { threads: 1 });
  const pixels = new Uint8Array(batchSize * INPUT_ELEMENTS);
  for (let index = 0; index < batchSize; index += 1) pixels.set(selfTestImage(index), index * INPUT_ELEMENTS);
  await session.run(pixels, batchSize);
  const runs = Math.ceil(count / batchSize / 2);
  const start = performance.now();
  for (let run = 0; run < runs; run += 1) await session.run(pixels, batchSize);
  const seconds = (performance.now() - start) / 1000;
  await session.release();
  return round((runs * batchSize) / seconds);
}

/**
 * Measures from the first record to the last; all images are in the queue before. Each image must
 * get its record.
 */
async function measureWorker(packageDir: string): Promise<WorkerRate> {
  const world = await openHeavyWorld(packageDir);
  try {
    await fillQueue(world);
    const worker = world.startWorker({
      AUTOSWIFTNET_BATCH_SIZE: String(batchSize),
      AUTOSWIFTNET_VISIBILITY_SECONDS: '60',
      AUTOSWIFTNET_STOP_SECONDS: '60',
      POWERTOOLS_METRICS_DISABLED: 'false',
    });
    const left = await untilEmpty(world, TIME_LIMIT_MS);
    const times = worker.lines.filter((line) => line.includes('"image tagged"')).map(timeOf);
    if (left !== 0 || times.length !== count) throw new Error(`expected ${count} images, found ${times.length}`);
    worker.child.kill('SIGTERM');
    await worker.ended;
    // The first batch starts the clock and is not counted.
    const seconds = (Math.max(...times) - (times[batchSize - 1] ?? Number.NaN)) / 1000;
    const ready = timeOf(worker.lines.find((line) => line.includes('"worker ready"')) ?? '{}');
    const computed = metricValues(worker.lines, 'RunTime').reduce((sum, milliseconds) => sum + milliseconds, 0);
    return {
      imagesPerSecond: round((count - batchSize) / seconds),
      busy: round(computed / (Math.max(...times) - ready)),
    };
  } finally {
    await world.close();
  }
}

async function fillQueue(world: HeavyWorld): Promise<void> {
  const picture = await samplePicture('daisy-1');
  for (let index = 0; index < count; index += 1) {
    await world.ask({ source: await world.put(`image ${index}.jpg`, picture) });
  }
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
