/**
 * Measures images per second of each ResNeXt-101, with random weights, on this machine's GPU:
 * batches of 1, 8, 32 and 64 in fp32 and fp16, with ONNX Runtime's CUDA provider and, for
 * comparison, with PyTorch (channels-last, compiled) on the same card in the same run.
 *
 *   node --import tsx bench/gpu.ts [ARCHITECTURE…]
 *
 * It needs the CUDA libraries of onnxruntime-node's install script:
 *
 *   ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js
 *
 * PyTorch needs python3 with torch and torchvision. Results: bench/results/gpu.json. Without a CUDA
 * device it says so and writes no results.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ExecutionProviderError } from '../classifier/errors.ts';
import { readManifest } from '../classifier/manifest.ts';
import { INPUT_ELEMENTS, selfTestImage } from '../classifier/self-test.ts';
import { type ModelSession, openSession } from '../classifier/session.ts';
import { halvePackage } from '../models/halve.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';

interface Row {
  readonly card: string;
  readonly architecture: string;
  readonly precision: string;
  readonly batch: number;
  readonly imagesPerSecond: number;
  /** Null when PyTorch was not measured; the reason was printed. */
  readonly pytorchImagesPerSecond: number | null;
}

const ARCHITECTURES = ['resnext101_32x4d', 'resnext101_32x8d', 'resnext101_32x16d'];
const PRECISIONS = ['fp32', 'fp16'] as const;
const BATCHES = [1, 8, 32, 64];
const WARM_UP_RUNS = 5;
const MEASURED_MS = 3_000;
/** Exit code when there is no device to measure. */
const EXIT_NO_DEVICE = 2;
const PYTORCH = fileURLToPath(new URL('gpu-pytorch.py', import.meta.url));

const wanted = process.argv.slice(2);
// The container sets this too: with TF32's ten-bit products an fp32 package may fail its self-test.
// It is read when the first session is opened.
process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-gpu-'));
try {
  await requireCuda();
  const rows: Row[] = [];
  for (const architecture of wanted.length > 0 ? wanted : ARCHITECTURES) {
    const fp32 = await randomPackage(architecture, folder);
    const fp16 = join(folder, `${architecture}.fp16`);
    await halvePackage({ package: fp32, out: fp16 });
    for (const precision of PRECISIONS)
      rows.push(...(await measure(architecture, precision, { fp32, fp16 }[precision])));
  }
  await report('gpu', rows);
} catch (error) {
  if (!(error instanceof ExecutionProviderError)) throw error;
  process.stderr.write(`there is no CUDA device to measure on this machine: ${error.message}\n`);
  process.exitCode = EXIT_NO_DEVICE;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/**
 * Checks that there is a CUDA device, before anything large is created.
 * @throws {ExecutionProviderError}
 */
async function requireCuda(): Promise<void> {
  const packageDir = await ensureSamplePackage(folder);
  const session = await openSession(packageDir, await readManifest(packageDir), { providers: ['cuda'] });
  await session.release();
}

async function measure(architecture: string, precision: string, packageDir: string): Promise<Row[]> {
  const session = await openSession(packageDir, await readManifest(packageDir), { providers: ['cuda'] });
  const rates = new Map<number, number>();
  for (const batch of BATCHES) rates.set(batch, await imagesPerSecond(session, batch));
  await session.release();
  const beside = await pytorch(architecture, precision);
  const card = cardName();
  return BATCHES.map((batch) => ({
    card,
    architecture,
    precision,
    batch,
    imagesPerSecond: rates.get(batch) ?? Number.NaN,
    pytorchImagesPerSecond: beside.get(batch) ?? null,
  }));
}

/** Measures from bytes in memory to logits in memory. */
async function imagesPerSecond(session: ModelSession, batch: number): Promise<number> {
  const pixels = new Uint8Array(batch * INPUT_ELEMENTS);
  for (let index = 0; index < batch; index += 1) pixels.set(selfTestImage(index), index * INPUT_ELEMENTS);
  for (let run = 0; run < WARM_UP_RUNS; run += 1) await session.run(pixels, batch);
  const start = performance.now();
  let runs = 0;
  for (; performance.now() - start < MEASURED_MS; runs += 1) await session.run(pixels, batch);
  return Number(((runs * batch) / ((performance.now() - start) / 1000)).toFixed(1));
}

async function pytorch(architecture: string, precision: string): Promise<Map<number, number>> {
  try {
    const { stdout } = await promisify(execFile)('python3', [PYTORCH, architecture, precision, ...BATCHES.map(String)]);
    const rows: { batch: number; imagesPerSecond: number }[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return new Map(rows.map((row) => [row.batch, row.imagesPerSecond]));
  } catch (error) {
    const [reason] = String(error instanceof Error && 'stderr' in error ? error.stderr : error)
      .trim()
      .split('\n')
      .slice(-1);
    process.stderr.write(`PyTorch was not measured; it needs python3 with torch and torchvision: ${reason}\n`);
    return new Map();
  }
}

function cardName(): string {
  try {
    return (
      execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { encoding: 'utf8' }).split('\n')[0] ??
      ''
    );
  } catch {
    return 'unknown';
  }
}
