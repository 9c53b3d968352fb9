/**
 * Throughput of a backfill of 1,000 objects with ResNeXt-101 32x4d in fp32 (random weights, which
 * are as fast), against the bare engine on the same picture. Both run on one core, the services on
 * the other. They take turns, 50 images at a time, so that other work affects both alike.
 *
 *   node --import tsx bench/backfill-throughput.ts [OBJECTS]
 *
 * Linux only. Results: bench/results/backfill-throughput.json, shown in docs/measurements.md.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { putMany, startRun } from '../test/infra/backfill/backfill-world.ts';
import { startServices } from '../test/infra/boot/services.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { startPooledFunction } from './backfill-function.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';

const OBJECTS = Number(process.argv[2] ?? 1000);
const TURN = 50;
const FUNCTION_CORE = '0';
const SERVICES_CORE = '1';
const LEAST_SHARE = 0.85;
/** Pixels of the shorter side: half a megapixel. */
const PICTURE_PIXELS = 600;
/** Clock ticks a second of /proc/PID/stat. */
const TICKS = 100;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-throughput-'));
const packageDir = await randomPackage('resnext101_32x4d', folder);
const resized = sharp(await samplePicture('pizza-2')).resize({
  width: PICTURE_PIXELS,
  height: PICTURE_PIXELS,
  fit: 'outside',
});
const picture = await resized.jpeg({ quality: 85 }).toBuffer();
await writeFile(join(folder, 'picture.jpg'), picture);
const pin = (core: string, pid: number) => execFileSync('taskset', ['-acp', core, String(pid)], { stdio: 'ignore' });
const services = await startServices(folder);
try {
  const engine = fork(fileURLToPath(new URL('backfill-engine.ts', import.meta.url)), [
    packageDir,
    join(folder, 'picture.jpg'),
  ]);
  await once(engine, 'message');
  const started: number[] = [];
  const backfill = startPooledFunction({ name: 'backfill', processes: 1, packageDir, services });
  const keys = Array.from({ length: OBJECTS + TURN }, (_, index) => `turn-${Math.floor(index / TURN)}/${index}.jpg`);
  await putMany(services, keys, picture);
  const turn = async (number: number) => {
    const run = startRun(`turn-${number}`, { prefix: `turn-${number}/` });
    const before = cpuSeconds(started);
    const start = performance.now();
    const { status } = await run.run({ s3: services.s3, invoke: (_name, payload) => backfill.invoke(payload) });
    if (status !== 'SUCCEEDED') throw new Error(`turn ${number} ended as ${status}`);
    return { wallMs: performance.now() - start, cpuMs: (cpuSeconds(started) - before) * 1000 };
  };
  // The first turn opens the model.
  await turn(0);
  started.push(...functionProcesses());
  if (cpus().length > 1) {
    pin(SERVICES_CORE, process.pid);
    for (const pid of [...started, engine.pid ?? 0]) pin(FUNCTION_CORE, pid);
  }
  const totals = { engine: { wallMs: 0, cpuMs: 0 }, backfill: { wallMs: 0, cpuMs: 0 } };
  for (let number = 1; number <= OBJECTS / TURN; number += 1) {
    engine.send(TURN);
    const [bare] = await once(engine, 'message');
    add(totals.engine, bare);
    add(totals.backfill, await turn(number));
    const images = number * TURN;
    await report('backfill-throughput', [
      {
        objects: images,
        engineMs: round(totals.engine.wallMs / images),
        backfillMs: round(totals.backfill.wallMs / images),
        share: round(totals.engine.wallMs / totals.backfill.wallMs, 3),
        engineCpuMs: round(totals.engine.cpuMs / images),
        functionCpuMs: round(totals.backfill.cpuMs / images),
        cpuShare: round(totals.engine.cpuMs / totals.backfill.cpuMs, 3),
      },
    ]);
  }
  if (totals.engine.wallMs / totals.backfill.wallMs < LEAST_SHARE) process.exitCode = 1;
  engine.disconnect();
  await backfill.kill();
} finally {
  await services.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

/** The function's processes: children of this one that run it. */
function functionProcesses(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('backfill/handler'));
}

/** Processor time of processes since they started. */
function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS;
  }, 0);
}

function add(total: { wallMs: number; cpuMs: number }, part: { wallMs: number; cpuMs: number }): void {
  total.wallMs += part.wallMs;
  total.cpuMs += part.cpuMs;
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
