/**
 * `classify s3://… --output` with one worker on one core and S3 on the other, beside the bare
 * engine on the first core: time of an image, ResNet-50, the same pictures. Both are measured by
 * turns, so that a busy machine slows both.
 *
 *   node --import tsx bench/one-worker.ts
 *
 * Linux only, two cores. Results: bench/results/one-worker.json.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { round } from '../models/package/round.ts';
import { renderPictures } from '../models/sample/drawing/render.ts';
import { startTestServer } from '../test/local/s3/local-server.ts';
import { median } from './measure.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';

interface Times {
  readonly wallMs: number;
  readonly processorMs: number;
}

const COMMAND = fileURLToPath(new URL('../cli/autoswiftnet.js', import.meta.url));
const ENGINE = fileURLToPath(new URL('bare-engine.mjs', import.meta.url));
const WORKER_CORE = '0';
const S3_CORE = '1';
const SEED = 700_000_003;
/** Shorter side of the pictures, which have about half a megapixel each. */
const PICTURE_PIXELS = 600;
const OBJECTS = 150;
/** Lines between which the time is taken: neither the start nor the end counts. */
const FIRST_LINE = 10;
const LAST_LINE = 140;
const PAIRS = 7;
const READ_INTERVAL_MS = 50;
const MS_PER_TICK = 10;
const LIMIT = 0.9;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-one-worker-'));
execFileSync('taskset', ['-a', '-cp', S3_CORE, String(process.pid)], { stdio: 'ignore' });
const s3 = await startTestServer();
try {
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  const bodies: Buffer[] = [];
  for await (const { index, jpeg } of renderPictures(SEED, 1, PICTURE_PIXELS)) {
    bodies.push(jpeg);
    await writeFile(join(pictures, `${index}.jpg`), jpeg);
  }
  for (let index = 0; index < OBJECTS; index += 1) {
    const Body = bodies[index % bodies.length] ?? Buffer.alloc(0);
    await s3.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: `${index}.jpg`, Body }));
  }
  const packageDir = await randomPackage('resnet50', folder);
  const [engine, worker]: [Times[], Times[]] = [[], []];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    engine.push(
      JSON.parse(
        execFileSync('taskset', onCore([ENGINE, packageDir, pictures, String(OBJECTS)]), { encoding: 'utf8' }),
      ),
    );
    worker.push(await classifyAll(packageDir, join(folder, `${pair}.jsonl`)));
  }
  const ratio = (of: (times: Times) => number) =>
    round(median(engine.map((times, pair) => of(times) / of(worker[pair] ?? times))), 3);
  const row = {
    model: 'resnet50',
    pairs: PAIRS,
    engineWallMs: middle(engine, ({ wallMs }) => wallMs),
    workerWallMs: middle(worker, ({ wallMs }) => wallMs),
    engineProcessorMs: middle(engine, ({ processorMs }) => processorMs),
    workerProcessorMs: middle(worker, ({ processorMs }) => processorMs),
    wallShare: ratio(({ wallMs }) => wallMs),
    processorShare: ratio(({ processorMs }) => processorMs),
  };
  await report('one-worker', [row]);
  if (row.processorShare < LIMIT) process.exitCode = 1;
} finally {
  await s3.close();
  await rm(folder, { recursive: true, force: true });
}

function onCore(args: readonly string[]): string[] {
  return ['-c', WORKER_CORE, process.execPath, '--import', 'tsx', ...args];
}

/** Time of an image in the middle of a run, and processor time of the command and its worker. */
async function classifyAll(packageDir: string, output: string): Promise<Times> {
  const args = ['classify', 's3://bucket', '--model', packageDir, '--processes', '1', '--output', output];
  const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' };
  const child = spawn('taskset', onCore([COMMAND, ...args, '--endpoint-url', s3.s3.endpoint]), {
    stdio: 'ignore',
    env: { ...process.env, ...keys },
  });
  const first = await readingAt(child, output, FIRST_LINE);
  const last = await readingAt(child, output, LAST_LINE);
  child.kill('SIGKILL');
  const images = last.lines - first.lines;
  return {
    wallMs: (last.atMs - first.atMs) / images,
    processorMs: (last.processorMs - first.processorMs) / images,
  };
}

/** Waits for a number of lines. */
async function readingAt(child: ChildProcess, output: string, line: number) {
  for (;;) {
    const atMs = performance.now();
    const lines = (await readFile(output, 'utf8').catch(() => '')).split('\n').length - 1;
    if (lines >= line) return { lines, atMs, processorMs: processorMs(child.pid) };
    if (child.exitCode !== null) throw new Error(`classify ended with code ${child.exitCode} after ${lines} images`);
    await delay(READ_INTERVAL_MS);
  }
}

/** Processor time of a process and of those that it started. `taskset` becomes the command. */
function processorMs(pid: number | undefined): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const ticks = [pid, ...children].map((id) => {
    const [, fields = ''] = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ');
    // utime and stime, the 14th and the 15th field of all: `man 5 proc`.
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
    return user + system;
  });
  return ticks.reduce((sum, one) => sum + one, 0) * MS_PER_TICK;
}

function middle(times: readonly Times[], of: (times: Times) => number): number {
  return round(median(times.map(of)), 1);
}
