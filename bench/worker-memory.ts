/**
 * Checks that a worker's memory does not grow: it answers 20,000 jobs for images of 40 sizes, from
 * 32 x 24 to 4000 x 3000. The median of the last tenth of the memory readings may be at most 10%
 * above that of the second tenth; the first tenth warms up.
 *
 *   node --import tsx bench/worker-memory.ts [IMAGES]
 *
 * Linux only. Results: bench/results/worker-memory.json.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import sharp from 'sharp';
import { toJob } from '../functions/records/job.ts';
import { requestOfJob } from '../functions/routing/heavy-message.ts';
import { SERVICE_BUCKET } from '../local/names.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { type HeavyWorld, openHeavyWorld, untilEmpty } from '../test/functions/gpu-worker/heavy-world.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { residentMb } from './gpu-worker-readings.ts';
import { report } from './report.ts';

interface Reading {
  readonly answered: number;
  readonly residentMb: number;
}

const images = Number(process.argv[2] ?? 20_000);
const SIZES = 40;
const MOST_QUEUED = 300;
const READ_INTERVAL_MS = 500;
const PROGRESS_INTERVAL_MS = 15_000;
const LIMIT = 1.1;
const TIME_LIMIT_MS = 7_200_000;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-memory-'));
const world = await openHeavyWorld(await ensureSamplePackage(folder));
const readings: Reading[] = [];
try {
  const sources = await putPictures(world);
  const worker = world.startWorker({ AUTOSWIFTNET_VISIBILITY_SECONDS: '60', AUTOSWIFTNET_BATCH_SIZE: '32' });
  await worker.healthUrl;
  const start = performance.now();
  const format = '{value} of {total} images, {mb} MB, {duration_formatted}';
  const progress = new SingleBar({ format, noTTYOutput: true, notTTYSchedule: PROGRESS_INTERVAL_MS });
  progress.start(images, 0, { mb: residentMb(worker.child.pid ?? 0) });
  const answered = () => worker.lines.filter((line) => line.includes('"job done"')).length;
  const reading = setInterval(() => {
    const now = { answered: answered(), residentMb: residentMb(worker.child.pid ?? 0) };
    readings.push(now);
    progress.update(now.answered, { mb: now.residentMb });
  }, READ_INTERVAL_MS);
  await produce(world, sources);
  const left = await untilEmpty(world, TIME_LIMIT_MS);
  clearInterval(reading);
  progress.stop();
  const tenths = Array.from({ length: 10 }, (_, tenth) => medianWhile(tenth, tenth + 1));
  const growth = Number(((tenths[9] ?? Number.NaN) / (tenths[1] ?? Number.NaN)).toFixed(3));
  const seconds = Math.round((performance.now() - start) / 1000);
  await report('worker-memory', [
    { images, answered: answered(), left, seconds, growth, residentMbByTenth: tenths.join(', ') },
  ]);
  if (answered() !== images || !(growth <= LIMIT)) process.exitCode = 1;
} finally {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}

async function putPictures({ put }: HeavyWorld) {
  const picture = await samplePicture('maze-1');
  return Promise.all(
    Array.from({ length: SIZES }, async (_, index) => {
      // The sizes grow by a constant factor, so most are small, as uploads are.
      const width = Math.round(32 * 125 ** (index / (SIZES - 1)));
      const image = sharp(picture).resize(width, Math.round(width * 0.75), { fit: 'fill' });
      const bytes = await (index % 2 === 0 ? image.jpeg() : image.png()).toBuffer();
      return put(`jobs/size-${width}`, bytes, SERVICE_BUCKET);
    }),
  );
}

/** Queues the jobs and keeps the queue short, because only the worker's memory is of interest. */
async function produce({ jobs, ask, queued }: HeavyWorld, sources: readonly Awaited<ReturnType<HeavyWorld['put']>>[]) {
  for (let index = 0; index < images; index += 1) {
    const source = sources[index % sources.length];
    if (source === undefined) throw new TypeError('expected a picture');
    const { sequencer: _, ...place } = source;
    const job = toJob(
      { id: `job-${index}`, model: 'sample', top: 5, explain: index % 50 === 0, source: place },
      new Date(),
    );
    await jobs.create(job);
    await ask(requestOfJob(job));
    while (index % 10 === 0 && (await queued()) > MOST_QUEUED) await delay(50);
  }
}

/** Returns the median of the readings while this part of the images was answered. */
function medianWhile(fromTenth: number, toTenth: number): number {
  const part = readings
    .filter(({ answered }) => answered >= (images * fromTenth) / 10 && answered < (images * toTenth) / 10)
    .map(({ residentMb: mb }) => mb)
    .sort((one, other) => one - other);
  return part[Math.floor(part.length / 2)] ?? Number.NaN;
}
