import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { publishedPackage } from '../published-package.ts';
import { eventually, labelledTags, samplePicture, upload, userS3 } from './uploads.ts';

/** A clone, whose command line runs the sources. */
const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const START_TIMEOUT_MS = 60_000;

interface Run {
  readonly child: ChildProcess;
  /** Returns everything that it has printed, on both streams. */
  readonly output: () => string;
  readonly url: string;
}

const healthSchema = z.object({ endpoints: z.object({ s3: z.string() }) });

let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-restart-'));
  await ensureSamplePackage(join(folder, 'models'));
}, START_TIMEOUT_MS);

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function run(root: string, ...args: string[]): { child: ChildProcess; output: () => string } {
  const command = join(root, 'cli/autoswiftnet.js');
  const child = spawn(process.execPath, [command, 'start', '--data', join(folder, 'data'), ...args], {
    cwd: folder,
    env: { ...process.env, AUTOSWIFTNET_MODELS: join(folder, 'models'), AUTOSWIFTNET_OFFLINE: '1', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

async function start(root = publishedPackage()): Promise<Run> {
  const { child, output } = run(root, '--port', '0');
  const hasSettled = () => /^ready http/m.test(output()) || child.exitCode !== null;
  await eventually(async () => hasSettled(), Boolean, START_TIMEOUT_MS);
  const url = /^ready (http\S+)$/m.exec(output())?.[1];
  if (url === undefined) throw new Error(`not ready:\n${output()}`);
  return { child, output, url };
}

async function s3Of({ url }: Run): Promise<ReturnType<typeof userS3>> {
  const health = healthSchema.parse(await (await fetch(`${url}/health`)).json());
  return userS3(health.endpoints.s3);
}

/** The functions of a stack. A clone also has esbuild's process, which ends by itself a moment later. */
function instancesOf({ pid }: ChildProcess): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return processes.split('\n').flatMap((line) => {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    return child !== undefined && parent === pid && line.includes('function-instance') ? [child] : [];
  });
}

function running(pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}

/** Waits for the end. A process that does not end by itself fails its test by the test's own limit. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

test('a stack that is killed between upload and tag tags the image at the next start', async () => {
  const first = await start();
  const s3 = await s3Of(first);
  const picture = await samplePicture('daisy-1');
  const keys = Array.from({ length: 23 }, (_, index) => `image ${index}.jpg`);
  const instances = instancesOf(first.child);
  expect(instances.length).toBeGreaterThan(0);

  await Promise.all(keys.map((key) => upload(s3, key, picture)));
  first.child.kill('SIGKILL');
  await exitOf(first.child);
  s3.destroy();
  // Nobody tells the instances to exit: they notice it themselves.
  expect(
    await eventually(
      async () => running(instances),
      (left) => left.length === 0,
    ),
  ).toEqual([]);

  const second = await start();
  const again = await s3Of(second);
  for (const key of keys) {
    expect(await labelledTags(again, key, 'daisy')).toMatchObject({ 'autoswiftnet:label': 'daisy' });
  }
  expect(second.output()).toMatch(/^\d+ unfinished tasks? of an earlier run (was|were) queued again$/m);
  again.destroy();
});

test('Ctrl-C stops everything, with exit code 0, in a clone', async () => {
  const stack = await start(CLONE);
  const s3 = await s3Of(stack);
  await upload(s3, 'last.jpg', await samplePicture('pizza-1'));
  await labelledTags(s3, 'last.jpg', 'pizza');
  await eventually(
    async () => stack.output(),
    (text) => text.includes('last.jpg  pizza'),
  );
  const instances = instancesOf(stack.child);
  expect(instances.length).toBeGreaterThan(0);

  stack.child.kill('SIGINT');
  const code = await exitOf(stack.child);

  expect([code, stack.output()]).toEqual([0, expect.stringMatching(/^tagged +last\.jpg +pizza [01]\.\d{3} +\d+ ms$/m)]);
  expect(running(instances)).toEqual([]);
  s3.destroy();
});

test('Ctrl-C during the start stops it, too', async () => {
  const { child, output } = run(publishedPackage(), '--port', '0');
  await eventually(
    async () => output(),
    (text) => text.includes('opening the model'),
    START_TIMEOUT_MS,
  );

  child.kill('SIGINT');
  const code = await exitOf(child);

  expect([code, output()]).toEqual([0, expect.not.stringContaining('ready')]);
});

test('a second stack on the same folder or on a taken port exits with an error that says so', async () => {
  const first = await start();

  const sameFolder = run(publishedPackage(), '--port', '0');
  const [folderExit] = await Promise.all([exitOf(sameFolder.child), once(sameFolder.child, 'close')]);
  const other = ['--data', join(folder, 'other'), '--port', new URL(first.url).port];
  const samePort = run(publishedPackage(), ...other);
  const [portExit] = await Promise.all([exitOf(samePort.child), once(samePort.child, 'close')]);

  expect([folderExit, sameFolder.output()]).toEqual([
    1,
    expect.stringContaining(`is used by another local stack (process ${first.child.pid})`),
  ]);
  expect([portExit, samePort.output()]).toEqual([1, expect.stringContaining('is used by another program')]);
});
