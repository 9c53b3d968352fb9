import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest } from '../classifier/manifest.ts';
import { messageOf } from '../classifier/message-of.ts';
import type { ExecutionProvider } from '../classifier/onnx-runtime.ts';
import { INPUT_ELEMENTS, selfTestImage } from '../classifier/self-test.ts';
import { graphFileFor, type ModelSession, openSession } from '../classifier/session.ts';
import { type OperatorTime, profileGraph } from './gpu-profile.ts';

/** One package on one provider. */
export interface GpuCase {
  readonly architecture: string;
  readonly precision: 'fp32' | 'fp16';
  readonly provider: ExecutionProvider;
  /** Whether fp32 products may be rounded to ten bits. It is set for the whole process. */
  readonly tf32: boolean;
  /** `nchw`: model.onnx on CUDA too, where fp16 packages have another graph. */
  readonly variant?: 'nchw';
  readonly packageDir: string;
  /** File of the logits of {@link referencePixels} on the CPU: float32 [images, classes]. */
  readonly reference: string;
  readonly batches: readonly number[];
  /** For how long each batch size is measured. */
  readonly seconds: number;
  /** Whether the time of each operator is measured instead, at the last of the batch sizes. */
  readonly profile?: boolean;
}

/** What was measured, or why it was not. Fields that do not belong to a step are left out. */
export interface GpuRow {
  readonly runtime: 'onnxruntime' | 'pytorch';
  readonly architecture: string;
  readonly precision?: string;
  readonly tf32?: boolean;
  readonly variant?: string;
  /** How PyTorch runs the network: see bench/gpu-pytorch.py. */
  readonly mode?: string;
  readonly what: 'packages' | 'open' | 'first run' | 'agreement' | 'batch' | 'two at once' | 'profile' | 'case';
  readonly batch?: number;
  readonly milliseconds?: number;
  readonly imagesPerSecond?: number;
  /** Memory in use on the card after the step, of all processes, MiB. */
  readonly gpuMemoryMib?: number | null;
  /** Largest difference from the CPU's fp32 logits, as a share of their range. */
  readonly maxDifference?: number;
  /** Images with the same first label as on the CPU, of all that were compared. */
  readonly sameTop1?: string;
  /** The operators of one run, the longest first; every kernel is waited for. */
  readonly operators?: readonly OperatorTime[];
  readonly error?: string;
}

export const REFERENCE_IMAGES = 4;
const WARM_UP_RUNS = 3;
const MS_PER_SECOND = 1000;

/** The pictures whose logits are compared: uint8 [4, 224, 224, 3]. */
export function referencePixels(): Uint8Array {
  return generatedPixels(REFERENCE_IMAGES);
}

/**
 * Measures one case. A step that fails is a row with its error, and the next step goes on; only
 * without a session there is nothing to measure.
 */
export async function measureCase(one: GpuCase, emit: (row: GpuRow) => void): Promise<void> {
  const { architecture, precision, tf32, variant } = one;
  const step = async (what: GpuRow['what'], batch: number | undefined, measure: () => Promise<Partial<GpuRow>>) => {
    const about = {
      runtime: 'onnxruntime',
      architecture,
      precision,
      tf32,
      ...(variant ? { variant } : {}),
      what,
      ...(batch ? { batch } : {}),
    } as const;
    try {
      emit({ ...about, ...(await measure()), gpuMemoryMib: gpuMemoryMib() });
    } catch (error) {
      emit({ ...about, error: messageOf(error) });
    }
  };
  const largest = one.batches.at(-1) ?? 1;
  const plainGraph = variant === 'nchw';
  if (one.profile) {
    return step('profile', largest, async () => {
      const graph = graphFileFor(one.provider, await readManifest(one.packageDir), plainGraph);
      const path = join(one.packageDir, graph);
      return { operators: await profileGraph(path, one.provider, generatedPixels(largest), largest) };
    });
  }
  let session: ModelSession | null = null;
  await step('open', undefined, async () => {
    const start = performance.now();
    // The agreement is measured, so a failed self-test must not end the case.
    const options = { providers: [one.provider], plainGraph, selfTest: false };
    session = await openSession(one.packageDir, await readManifest(one.packageDir), options);
    return { milliseconds: performance.now() - start };
  });
  // TypeScript does not see that the step assigns it.
  const opened = session as ModelSession | null;
  if (opened === null) return;
  await step('first run', 1, async () => {
    const start = performance.now();
    await opened.run(generatedPixels(1), 1);
    return { milliseconds: performance.now() - start };
  });
  await step('agreement', undefined, async () =>
    agreementOf(await opened.run(referencePixels(), REFERENCE_IMAGES), one),
  );
  for (const batch of one.batches) await step('batch', batch, () => measureBatch(opened, batch, one.seconds));
  if (variant === undefined) await step('two at once', largest, () => measureBatch(opened, largest, one.seconds, 2));
  await opened.release();
}

/** Measures from bytes in memory to logits in memory, with so many runs begun at a time. */
async function measureBatch(
  session: ModelSession,
  batch: number,
  seconds: number,
  together = 1,
): Promise<Partial<GpuRow>> {
  const pixels = generatedPixels(batch);
  const runAll = () => Promise.all(Array.from({ length: together }, () => session.run(pixels, batch)));
  for (let run = 0; run < WARM_UP_RUNS; run += 1) await runAll();
  const start = performance.now();
  let runs = 0;
  for (; runs === 0 || performance.now() - start < seconds * MS_PER_SECOND; runs += together) await runAll();
  const milliseconds = (performance.now() - start) / runs;
  return { milliseconds, imagesPerSecond: (batch * MS_PER_SECOND) / milliseconds };
}

async function agreementOf(logits: Float32Array, { reference }: GpuCase): Promise<Partial<GpuRow>> {
  const bytes = await readFile(reference);
  const expected = new Float32Array(new Uint8Array(bytes).buffer);
  const range = Math.max(...expected) - Math.min(...expected);
  const difference = Math.max(...expected.map((value, index) => Math.abs(value - (logits[index] ?? Number.NaN))));
  const classes = expected.length / REFERENCE_IMAGES;
  const best = (all: Float32Array, image: number) => {
    const own = all.subarray(image * classes, (image + 1) * classes);
    return own.indexOf(Math.max(...own));
  };
  const same = Array.from({ length: REFERENCE_IMAGES }, (_, image) => best(logits, image) === best(expected, image));
  return { maxDifference: difference / range, sameTop1: `${same.filter(Boolean).length} of ${REFERENCE_IMAGES}` };
}

function generatedPixels(count: number): Uint8Array {
  const pixels = new Uint8Array(count * INPUT_ELEMENTS);
  for (let index = 0; index < count; index += 1) pixels.set(selfTestImage(index + 1), index * INPUT_ELEMENTS);
  return pixels;
}

/** Returns null without an NVIDIA card. */
function gpuMemoryMib(): number | null {
  try {
    const used = execFileSync('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader,nounits'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number.parseInt(used, 10);
  } catch {
    return null;
  }
}
