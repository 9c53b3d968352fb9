/**
 * Compares int8 with fp32, and ways to open them: CPU time to load the library with a first, small
 * session, to open this session, and to run it on one thread; resident memory afterwards; and the
 * size of the files. The networks have full size and random weights. The processes take turns, and
 * each figure is the median of several.
 *
 *   node --import tsx bench/precision.ts [ARCHITECTURE…]
 *
 * Linux only. Results: bench/results/precision-INSTRUCTION.json,
 * one file for each kind of processor.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { InferenceSession } from 'onnxruntime-node';
import { runtimeOptions } from '../classifier/onnx-runtime.ts';
import { round } from '../models/package/round.ts';
import { quantizePackage } from '../models/quantize.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { median } from './measure.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';
import { vectorInstructions } from './vector-instructions.ts';

interface Figures {
  readonly loadCpuMs: number;
  readonly openCpuMs: number;
  readonly runCpuMs: number;
  readonly residentMb: number;
  readonly anonymousMb: number;
}

const DEFAULT_NETWORKS = ['resnet18', 'resnet50', 'resnext50_32x4d', 'resnext101_32x4d', 'resnext101_32x8d'];
/** The way in which the product opens sessions. Everything is compared with its fp32. */
const AS_SERVED = 'all';
const ALL = runtimeOptions({ threads: 1, optimization: 'all', exactInt8: false });
const WAYS: Readonly<Record<string, InferenceSession.SessionOptions>> = {
  extended: { ...ALL, graphOptimizationLevel: 'extended' },
  [AS_SERVED]: ALL,
  'all, weights not prepacked': withSession({ disable_prepacking: '1' }),
};
/**
 * The graph that `all` produced, written to a file in advance and opened unchanged. Such a file
 * fits only one kind of CPU and one version of ONNX Runtime.
 */
const OFFLINE = 'all, offline';
const REPEATS = 5;
const RUNS = 10;
const CHILD = fileURLToPath(new URL('precision-child.ts', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
const first = await ensureSamplePackage(folder);
try {
  const wanted = process.argv.slice(2);
  const rows = [];
  for (const name of wanted.length > 0 ? wanted : DEFAULT_NETWORKS) rows.push(...(await measureNetwork(name)));
  await report(`precision-${vectorInstructions()[0] ?? 'other'}`, rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureNetwork(name: string) {
  const float = await randomPackage(name, folder);
  const int8 = `${float}.int8`;
  await quantizePackage({ package: float, out: int8 });
  const cases = await Promise.all(
    [float, int8].flatMap((packageDir) => [
      ...Object.entries(WAYS).map(([way, options]) => caseOf(packageDir, way, packageDir, options)),
      optimizeOffline(packageDir).then((folder) =>
        caseOf(packageDir, OFFLINE, folder, { ...ALL, graphOptimizationLevel: 'disabled' }),
      ),
    ]),
  );
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    for (const { folder, options, figures } of cases) figures.push(await measure(folder, options));
  }
  const baseline = medians(cases.find((one) => one.packageDir === float && one.way === AS_SERVED)?.figures ?? []);
  const rows = [];
  for (const { packageDir, way, folder, figures } of cases) {
    const found = medians(figures);
    rows.push({
      network: name,
      precision: packageDir === float ? 'fp32' : 'int8',
      way,
      megabytes: round((await sizeOf(folder)) / 1e6, 1),
      ...found,
      timesFaster: ratio(baseline.runCpuMs, found.runCpuMs),
      openShare: ratio(found.openCpuMs, baseline.openCpuMs),
      residentShare: ratio(found.residentMb, baseline.residentMb),
    });
  }
  for (const { folder } of cases) await rm(folder, { recursive: true, force: true });
  return rows;
}

function caseOf(packageDir: string, way: string, folder: string, options: InferenceSession.SessionOptions) {
  return { packageDir, way, folder, options, figures: [] as Figures[] };
}

/**
 * Writes the optimized graph to a file.
 * @returns a folder with the graph that `all` produces, and its weights in a file beside it
 */
async function optimizeOffline(packageDir: string): Promise<string> {
  const out = `${packageDir}.offline`;
  await mkdir(out);
  const config = {
    optimized_model_external_initializers_file_name: 'weights.bin',
    optimized_model_external_initializers_min_size_in_bytes: '1024',
  };
  await measure(packageDir, { ...withSession(config), optimizedModelFilePath: join(out, 'model.onnx') });
  return out;
}

function withSession(config: Readonly<Record<string, string>>): InferenceSession.SessionOptions {
  const { extra = {} } = ALL;
  return { ...ALL, extra: { ...extra, session: { ...Object(extra['session']), ...config } } };
}

async function measure(model: string, options: InferenceSession.SessionOptions): Promise<Figures> {
  const args = ['--import', 'tsx', CHILD, model, JSON.stringify(options), String(RUNS), first];
  const env = { ...process.env, ORT_DISABLE_TELEMETRY: '1' };
  return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout);
}

async function sizeOf(packageDir: string): Promise<number> {
  const files = await Promise.all(['model.onnx', 'weights.bin'].map((file) => stat(join(packageDir, file))));
  return files.reduce((sum, { size }) => sum + size, 0);
}

function medians(figures: readonly Figures[]): Figures {
  const of = (field: keyof Figures) => round(median(figures.map((one) => one[field])), 1);
  return {
    loadCpuMs: of('loadCpuMs'),
    openCpuMs: of('openCpuMs'),
    runCpuMs: of('runCpuMs'),
    residentMb: of('residentMb'),
    anonymousMb: of('anonymousMb'),
  };
}

function ratio(one: number, other: number): number {
  return round(one / other, 2);
}
