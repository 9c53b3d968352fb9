/**
 * Classifies 5,000 objects of the local S3 by `classify s3://… --output`, killed twice in the
 * middle: is each there once? And the memory of all processes, with 500 objects and with 5,000.
 *
 *   node --import tsx bench/classify-all.ts
 *
 * Linux only. Results: bench/results/classify-all.json.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { startTestServer } from '../test/local/s3/local-server.ts';
import { report } from './report.ts';

const COMMAND = fileURLToPath(new URL('../cli/autoswiftnet.js', import.meta.url));
const FEW = 500;
const MANY = 5_000;
const READ_INTERVAL_MS = 200;
const LIMIT = 1.1;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-classify-all-'));
const s3 = await startTestServer();
try {
  const packageDir = await ensureSamplePackage(folder);
  const pictures = await Promise.all(['maze-1', 'acorn-1', 'pizza-2'].map(samplePicture));
  for (let index = 0; index < MANY; index += 1) {
    const Key = `${index < FEW ? 'few' : 'many'}/${index}.jpg`;
    const Body = pictures[index % pictures.length] ?? Buffer.alloc(0);
    await s3.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }));
  }
  const few = await run(packageDir, 's3://bucket/few/', 'few.jsonl');
  const killed = await run(packageDir, 's3://bucket', 'killed.jsonl', [MANY / 5, MANY / 2]);
  const many = await run(packageDir, 's3://bucket', 'many.jsonl');
  const memoryGrowth = Number((many.memoryMb / few.memoryMb).toFixed(3));
  const row = {
    objects: MANY,
    processes: availableParallelism(),
    kills: killed.kills,
    linesAfterKills: killed.lines,
    imagesAfterKills: killed.images,
    lines: many.lines,
    memoryMbWith500: few.memoryMb,
    memoryMbWith5000: many.memoryMb,
    memoryGrowth,
  };
  await report('classify-all', [row]);
  if (killed.lines !== MANY || killed.images !== MANY || many.lines !== MANY || memoryGrowth > LIMIT)
    process.exitCode = 1;
} finally {
  await s3.close();
  await rm(folder, { recursive: true, force: true });
}

/**
 * Runs the command until it ends by itself.
 * @param killAt numbers of lines at which it is killed
 * @returns the median of the memory in the second half of the last run
 */
async function run(packageDir: string, place: string, name: string, killAt: readonly number[] = []) {
  const output = join(folder, name);
  const readings: number[] = [];
  let kills = 0;
  for (;;) {
    const child = start(packageDir, place, output);
    const limit = killAt[kills];
    readings.length = 0;
    while (child.exitCode === null && child.signalCode === null) {
      readings.push(memoryMb(child.pid));
      if (limit !== undefined && (await namesIn(output)).length >= limit) child.kill('SIGKILL');
      await delay(READ_INTERVAL_MS);
    }
    if (child.signalCode === null) break;
    kills += 1;
  }
  const names = await namesIn(output);
  const second = readings.slice(Math.floor(readings.length / 2)).sort((one, other) => one - other);
  return {
    kills,
    lines: names.length,
    images: new Set(names).size,
    memoryMb: second[Math.floor(second.length / 2)] ?? Number.NaN,
  };
}

function start(packageDir: string, place: string, output: string): ChildProcess {
  const args = [
    COMMAND,
    'classify',
    place,
    '--model',
    packageDir,
    '--endpoint-url',
    s3.s3.endpoint,
    '--output',
    output,
  ];
  const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' };
  return spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...keys } });
}

async function namesIn(output: string): Promise<string[]> {
  const text = await readFile(output, 'utf8').catch(() => '');
  return [...text.matchAll(/^\{"file":"([^"]+)"/gm)].map(([, name = '']) => name);
}

/** Resident memory of a process and of those that it started. */
function memoryMb(pid: number | undefined): number {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  const kilobytes = [pid, ...children].map((id) =>
    Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${id}/status`))?.[1] ?? 0),
  );
  return Math.round(kilobytes.reduce((sum, one) => sum + one, 0) / 1000);
}

/** A process may have ended since. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
