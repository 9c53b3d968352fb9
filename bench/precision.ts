/**
 * What int8 brings, and which optimization level to open it and fp32 with: CPU time of opening and of a run on one thread, resident memory
 * afterwards, and the files' size. Random weights at full size. Each figure is the middle one of as many processes, which take turns.
 * `node --import tsx bench/precision.ts [ARCHITECTURE…]`, Linux. Results: bench/results/precision.json.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { convertCheckpoint } from '../models/convert.ts';
import { quantizePackage } from '../models/quantize.ts';
import { writeLegacyCheckpoint } from '../test/models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../test/models/graph/random-network.ts';
import { report } from './report.ts';

interface Figures {
  readonly openCpuMs: number;
  readonly runCpuMs: number;
  readonly residentMb: number;
  readonly anonymousMb: number;
}

const DEFAULT_NETWORKS = ['resnet18', 'resnet50', 'resnext101_32x4d', 'resnext101_32x8d'];
const OPTIMIZATIONS = ['extended', 'all'] as const;
const REPEATS = 5;
const RUNS = 10;
const CHILD = fileURLToPath(new URL('precision-child.ts', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  const wanted = process.argv.slice(2);
  const rows = [];
  for (const name of wanted.length > 0 ? wanted : DEFAULT_NETWORKS) rows.push(...(await measureNetwork(name)));
  await report('precision', rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureNetwork(name: string) {
  const network = RELEASED_NETWORKS[name];
  if (!network) throw new Error(`no ${name} among ${Object.keys(RELEASED_NETWORKS).join(', ')}`);
  const [checkpoint, float, int8] = ['.pth', '', '.int8'].map((ending) => join(folder, `${name}${ending}`)) as [
    string,
    string,
    string,
  ];
  await writeLegacyCheckpoint(checkpoint, randomNetwork(network));
  await convertCheckpoint({ checkpoint, out: float });
  await rm(checkpoint);
  await quantizePackage({ package: float, out: int8 });
  const cases = [float, int8].flatMap((packageDir) =>
    OPTIMIZATIONS.map((optimization) => ({ packageDir, optimization, figures: [] as Figures[] })),
  );
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    for (const { packageDir, optimization, figures } of cases) figures.push(await measure(packageDir, optimization));
  }
  const baseline = middle(cases.find((one) => one.packageDir === float && one.optimization === 'all')?.figures ?? []);
  const rows = [];
  for (const { packageDir, optimization, figures } of cases) {
    const found = middle(figures);
    rows.push({
      network: name,
      precision: packageDir === float ? 'fp32' : 'int8',
      optimization,
      megabytes: Number(((await sizeOf(packageDir)) / 1e6).toFixed(1)),
      ...found,
      timesFaster: ratio(baseline.runCpuMs, found.runCpuMs),
      openShare: ratio(found.openCpuMs, baseline.openCpuMs),
      residentShare: ratio(found.residentMb, baseline.residentMb),
    });
  }
  await rm(float, { recursive: true });
  await rm(int8, { recursive: true });
  return rows;
}

async function measure(packageDir: string, optimization: string): Promise<Figures> {
  const args = ['--import', 'tsx', CHILD, packageDir, optimization, String(RUNS)];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

async function sizeOf(packageDir: string): Promise<number> {
  const files = await Promise.all(['model.onnx', 'weights.bin'].map((file) => stat(join(packageDir, file))));
  return files.reduce((sum, { size }) => sum + size, 0);
}

function middle(figures: readonly Figures[]): Figures {
  const of = (field: keyof Figures) =>
    Number(
      (figures.map((one) => one[field]).toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0).toFixed(1),
    );
  return {
    openCpuMs: of('openCpuMs'),
    runCpuMs: of('runCpuMs'),
    residentMb: of('residentMb'),
    anonymousMb: of('anonymousMb'),
  };
}

function ratio(one: number, other: number): number {
  return Number((one / other).toFixed(2));
}
