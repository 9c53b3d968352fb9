/**
 * Converts full-size checkpoints of random weights, one of each released architecture. It measures
 * the time, compared with copying and hashing the file plus one run, and the peak of anonymous
 * memory.
 *
 *   node --import tsx bench/convert.ts [ARCHITECTURE…]
 *
 * Linux only. Results: bench/results/convert.json.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import onnxruntime from 'onnxruntime-node/package.json' with { type: 'json' };
import { verifyPackage } from '../models/verify.ts';
import { writeLegacyCheckpoint } from '../test/models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../test/models/graph/random-network.ts';
import { median } from './measure.ts';

interface Measurement {
  readonly seconds: number;
  /** The highest sample of RssAnon of the whole process, including Node itself. */
  readonly peakAnonymousMb: number;
  readonly output: string;
}

const SAMPLE_INTERVAL_MS = 20;
/** Each figure is the median of this many runs, because disks vary. */
const REPEATS = 3;

const RESULTS = new URL('results/convert.json', import.meta.url);
const CHILD = fileURLToPath(new URL('convert-child.ts', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const rows = [];
  for (const [name, network] of Object.entries(RELEASED_NETWORKS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const checkpoint = join(folder, `${name}.pth`);
    await writeLegacyCheckpoint(checkpoint, randomNetwork(network));
    const row = await measureNetwork(name, network.parameters, checkpoint);
    rows.push(row);
    await rm(checkpoint);
  }
  console.table(rows);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
  const versions = { node: process.version, onnxruntimeNode: onnxruntime.version };
  await writeFile(RESULTS, `${JSON.stringify({ date: new Date().toISOString(), machine, versions, rows }, null, 2)}\n`);
}

async function measureNetwork(name: string, parameters: number, checkpoint: string) {
  const packageDir = join(folder, name);
  const conversions: Measurement[] = [];
  const baselines: Measurement[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    await rm(packageDir, { recursive: true, force: true });
    conversions.push(await measure(['convert', checkpoint, packageDir]));
    baselines.push(await measure(['baseline', checkpoint, packageDir]));
    await rm(`${checkpoint}.copy`);
  }
  const [first] = conversions;
  const manifest: { parameters?: number } = JSON.parse(first?.output ?? '{}');
  if (manifest.parameters !== parameters)
    throw new Error(`${name} has ${manifest.parameters} parameters, expected ${parameters}`);
  const verified = await verifyPackage(packageDir);
  if (!verified.ok) throw new Error(JSON.stringify(verified.faults));
  const seconds = median(conversions.map((one) => one.seconds));
  const baselineSeconds = median(baselines.map((one) => one.seconds));
  return {
    architecture: name,
    checkpointMb: Math.round((await stat(checkpoint)).size / 1e6),
    parameters,
    seconds,
    baselineSeconds,
    times: Number((seconds / baselineSeconds).toFixed(2)),
    peakAnonymousMb: Math.max(...conversions.map(({ peakAnonymousMb }) => peakAnonymousMb)),
  };
}

/**
 * Runs the child to its end and samples its memory. The child itself reports how long its work
 * took.
 */
async function measure(args: readonly string[]): Promise<Measurement> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let peakKb = 0;
  const sampling = setInterval(() => {
    peakKb = Math.max(peakKb, anonymousKb(child));
  }, SAMPLE_INTERVAL_MS);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [code]: (number | null)[] = await once(child, 'close');
  clearInterval(sampling);
  if (code !== 0) throw new Error(`${args.join(' ')} failed with exit code ${code}`);
  const [seconds, output = ''] = text.split('\n');
  return { seconds: Number(Number(seconds).toFixed(2)), peakAnonymousMb: Math.round(peakKb / 1024), output };
}

function anonymousKb({ pid }: ChildProcess): number {
  try {
    return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
