/**
 * Takes twelve full-size checkpoints of random weights, in place of the released models, through
 * `models fetch all`, `models verify all` and `evaluate DIR --model all`. It measures the time and
 * the disk space of each command. The checkpoints come from a server on this machine, so the time
 * of a real download must be added.
 *
 *   node --import tsx bench/zoo.ts [FOLDER]
 *
 * Linux only. FOLDER (default: the system's temporary folder) needs 8 GB. Results:
 * bench/results/zoo.json.
 */
import { spawn } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { cpus, tmpdir, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashFile } from '../models/package/hash-file.ts';
import { ZOO, type ZooModel } from '../models/zoo/zoo.ts';
import { writeLegacyCheckpoint } from '../test/models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../test/models/graph/random-network.ts';

interface Row {
  readonly command: string;
  readonly exitCode: number | null;
  readonly seconds: number;
  /** Processor time of the command, up to half a second before its end. */
  readonly cpuSeconds: number;
  /** The space that the packages take, after the command. */
  readonly packagesMb: number;
  /** The most that packages and downloads took together while it ran. */
  readonly peakMb: number;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'cli/autoswiftnet.js');
const DRIVER = join(ROOT, 'test/cli/fetch-stand-ins.ts');
const RESULTS = new URL('results/zoo.json', import.meta.url);
const IMAGES = ['n07873807/pizza-2.jpg', 'n12267677/acorn-1.jpg'];
const COPIES_OF_EACH = 16;
const SAMPLE_INTERVAL_MS = 500;
/** The unit of /proc/PID/stat on Linux. */
const TICKS_PER_SECOND = 100;

const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'autoswiftnet-zoo-'));
const [mirror, modelsDir, labelled] = [join(folder, 'mirror'), join(folder, 'models'), join(folder, 'labelled')];
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  await mkdir(mirror);
  await mkdir(modelsDir);
  await labelImages();
  const models: ZooModel[] = [];
  for (const [seed, model] of ZOO.entries()) models.push(await makeCheckpoint(model, seed));
  const list = join(folder, 'models.json');
  await writeFile(list, JSON.stringify(models));
  const server = createServer((request, response) => {
    createReadStream(join(mirror, basename(request.url ?? ''))).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const source = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/mirror`;
  const fetch = ['--import', 'tsx', DRIVER, list, modelsDir, source];
  const rows = [
    await measure('models fetch all', fetch),
    await measure('models fetch all, again', fetch),
    await measure('models verify all', [CLI, 'models', 'verify', 'all']),
    await measure(`evaluate, ${IMAGES.length * COPIES_OF_EACH} images, --model all`, [
      CLI,
      'evaluate',
      labelled,
      '--model',
      'all',
    ]),
  ];
  server.close();
  console.table(rows);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
  const note = 'twelve checkpoints of random weights at full size, from a server on the same machine';
  await writeFile(
    RESULTS,
    `${JSON.stringify({ date: new Date().toISOString(), machine, node: process.version, note, rows }, null, 2)}\n`,
  );
}

async function makeCheckpoint(model: ZooModel, seed: number): Promise<ZooModel> {
  const network = RELEASED_NETWORKS[model.architecture];
  if (network === undefined) throw new Error(`no network ${model.architecture}`);
  const path = join(mirror, 'unnamed.pth');
  await writeLegacyCheckpoint(path, randomNetwork(network, 1000 * seed + 1));
  const sha256 = await hashFile(path);
  const fileName = `${model.name}-${sha256.slice(0, 8)}.pth`;
  await rename(path, join(mirror, fileName));
  return {
    ...model,
    fileName,
    sha256Prefix: sha256.slice(0, 8),
    checkpointBytes: (await stat(join(mirror, fileName))).size,
  };
}

async function labelImages(): Promise<void> {
  for (const image of IMAGES) {
    await mkdir(join(labelled, image, '..'), { recursive: true });
    for (let copy = 0; copy < COPIES_OF_EACH; copy++)
      await cp(join(ROOT, 'models/sample/images', basename(image)), join(labelled, image, '..', `${copy}.jpg`));
  }
}

async function measure(command: string, args: readonly string[]): Promise<Row> {
  const start = performance.now();
  let peak = 0;
  let cpuSeconds = 0;
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, AUTOSWIFTNET_MODELS: modelsDir },
  });
  const sampling = setInterval(async () => {
    cpuSeconds = cpuSecondsOf(child.pid) ?? cpuSeconds;
    peak = Math.max(peak, await sizeOf(modelsDir).catch(() => 0));
  }, SAMPLE_INTERVAL_MS);
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(sampling);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const bytes = await sizeOf(modelsDir);
  return {
    command,
    exitCode,
    seconds,
    cpuSeconds,
    packagesMb: Math.round(bytes / 1e6),
    peakMb: Math.round(Math.max(peak, bytes) / 1e6),
  };
}

/** Returns the processor time of a process so far, or undefined when it has ended. Linux only. */
function cpuSecondsOf(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number> {
  const files = (await readdir(path, { withFileTypes: true, recursive: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
