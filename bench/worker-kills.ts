/**
 * Checks that killed workers lose nothing. 1,000 images are queued for two workers, one of which is
 * killed at random moments and started again, 20 times. Then every image must have exactly one
 * final record with its own label, and the queue and its dead letters must be empty.
 *
 *   node --import tsx bench/worker-kills.ts [IMAGES [KILLS [WORKERS]]]
 *
 * Results: bench/results/worker-kills.json.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mulberry32 } from '../classifier/mulberry32.ts';
import { HEAVY_QUEUE, UPLOADS_BUCKET } from '../local/names.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import {
  type HeavyWorld,
  openHeavyWorld,
  untilEmpty,
  type WorkerProcess,
} from '../test/functions/gpu-worker/heavy-world.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { report } from './report.ts';

const [images = '1000', kills = '20', workers = '2'] = process.argv.slice(2);
const SEED = 20261125;
const LABELS = ['daisy', 'pizza', 'banana', 'maze', 'lemon', 'acorn'];
/** The longest time that a worker lives after it is ready, before it is killed. */
const MAX_LIFE_MS = 3_000;
const TIME_LIMIT_MS = 3_600_000;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-kills-'));
const world = await openHeavyWorld(await ensureSamplePackage(folder));
try {
  const start = performance.now();
  await fillQueue(world);
  const others = Array.from({ length: Number(workers) - 1 }, () => world.startWorker());
  const lived = await killAndRestart(world);
  const left = await untilEmpty(world, TIME_LIMIT_MS);
  const row = {
    images: Number(images),
    workers: Number(workers),
    kills: Number(kills),
    ...(await count(world)),
    answered: [...others, ...lived].flatMap(({ lines }) => lines.filter((line) => line.includes('"image tagged"')))
      .length,
    left,
    deadLetters: await world.queued(`${HEAVY_QUEUE}-dead-letters`),
    seconds: Math.round((performance.now() - start) / 1000),
  };
  await report('worker-kills', [row]);
  if (row.records !== Number(images) || row.wrong > 0 || left > 0 || row.deadLetters > 0) process.exitCode = 1;
} finally {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}

async function fillQueue({ put, ask }: HeavyWorld): Promise<void> {
  const pictures = await Promise.all(LABELS.map((label) => samplePicture(`${label}-1`)));
  for (let index = 0; index < Number(images); index += 1) {
    const picture = pictures[index % LABELS.length] ?? Buffer.alloc(0);
    await ask({ source: await put(`image ${index}`, picture) });
  }
}

async function killAndRestart({ startWorker }: HeavyWorld): Promise<WorkerProcess[]> {
  const random = mulberry32(SEED);
  const lived = [startWorker()];
  for (let kill = 0; kill < Number(kills); kill += 1) {
    const victim = lived.at(-1);
    await victim?.healthUrl;
    await delay((random() / 2 ** 32) * MAX_LIFE_MS);
    victim?.child.kill('SIGKILL');
    await victim?.ended;
    lived.push(startWorker());
  }
  return lived;
}

/**
 * Counts final records, and those with a wrong label. One key has one record, so there are no
 * duplicates.
 */
async function count({ records }: HeavyWorld): Promise<{ records: number; wrong: number }> {
  let [found, wrong] = [0, 0];
  for (let index = 0; index < Number(images); index += 1) {
    const record = await records.readRecord({ bucket: UPLOADS_BUCKET, key: `image ${index}` });
    if (record?.state !== 'tagged') continue;
    found += 1;
    if (record.predictions[0]?.label !== LABELS[index % LABELS.length]) wrong += 1;
  }
  return { records: found, wrong };
}
