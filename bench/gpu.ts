/**
 * Measures ResNet-50 and the ResNeXt-101 networks, with random weights at full size, on this
 * machine's GPU, in fp32 (with and without TF32) and fp16, and beside them PyTorch (fp16,
 * channels-last, compiled) with the same weights on the same card.
 *
 *   node --import tsx bench/gpu.ts [--provider cuda] [--minutes 4] [--out FILE] [ARCHITECTURE…]
 *
 * Results: bench/results/gpu.json, or --out. The file is written anew after every row, so what was
 * measured stays if the machine is taken away. Each case is a process of its own, because TF32 is
 * set for a whole process and a fault of CUDA ends one: a case that fails is a row with its error.
 * When the minutes are over, the cases that are left are rows that say so.
 *
 * bench/gpu-bundle.ts packs all of this into one module for a machine without this clone. CUDA's
 * provider comes from onnxruntime-node's install script:
 *
 *   ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js
 *
 * PyTorch needs python3 with torch and torchvision. `--provider cpu` tries the program itself.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../classifier/onnx-runtime.ts';
import { type GpuCase, type GpuRow, measureCase } from './gpu-case.ts';
import { makePackages } from './gpu-packages.ts';
import { NO_TIME, runNode, runPython } from './gpu-processes.ts';
import { openGpuResults } from './gpu-results.ts';

/** The heavy model that we recommend comes first: it is measured even if time is short. */
const ARCHITECTURES = ['resnext101_32x8d', 'resnet50', 'resnext101_32x4d', 'resnext101_32x16d'];
const BATCHES = [1, 2, 4, 8, 16, 32, 64];
/** Each batch size of PyTorch is compiled for many seconds. */
const PYTORCH_BATCHES = [32, 64];
const CASE = '--case';

if (process.argv[2] === CASE) {
  // The parent waits until the channel is closed.
  await measureCase(JSON.parse(process.argv[3] ?? ''), (row) => process.send?.(row));
  process.disconnect?.();
} else {
  await main();
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      provider: { type: 'string', default: 'cuda' },
      minutes: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '0.7' },
      batches: { type: 'string', default: BATCHES.join(',') },
      out: { type: 'string', default: fileURLToPath(new URL('results/gpu.json', import.meta.url)) },
    },
  });
  const provider = EXECUTION_PROVIDERS.find((one) => one === values.provider);
  if (provider === undefined) throw new TypeError(`--provider must be one of ${EXECUTION_PROVIDERS.join(', ')}`);
  const deadline = Date.now() + Number(values.minutes) * 60_000;
  const add = openGpuResults(values.out, provider);
  const batches = values.batches.split(',').map(Number);
  const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-gpu-'));
  try {
    for (const architecture of positionals.length > 0 ? positionals : ARCHITECTURES) {
      await measureArchitecture(
        architecture,
        { folder, provider, batches, seconds: Number(values.seconds) },
        add,
        deadline,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Settings extends Pick<GpuCase, 'batches' | 'seconds'> {
  readonly folder: string;
  readonly provider: ExecutionProvider;
}

/** Measures one network. Whatever fails becomes a row, and the next case goes on. */
async function measureArchitecture(
  architecture: string,
  { folder, ...settings }: Settings,
  add: (row: GpuRow) => Promise<void>,
  deadline: number,
): Promise<void> {
  if (Date.now() >= deadline) return add({ runtime: 'onnxruntime', architecture, what: 'packages', error: NO_TIME });
  const start = performance.now();
  let packages: Awaited<ReturnType<typeof makePackages>>;
  try {
    packages = await makePackages(architecture, folder);
  } catch (error) {
    return add({ runtime: 'onnxruntime', architecture, what: 'packages', error: String(error) });
  }
  await add({ runtime: 'onnxruntime', architecture, what: 'packages', milliseconds: performance.now() - start });
  const { fp32, fp16, pixels, reference, checkpoint } = packages;
  const cases = [
    { precision: 'fp16', packageDir: fp16, tf32: false },
    { precision: 'fp32', packageDir: fp32, tf32: false },
    // TF32 is a kind of arithmetic that only GPUs have.
    ...(settings.provider === 'cpu' ? [] : [{ precision: 'fp32', packageDir: fp32, tf32: true } as const]),
  ] as const;
  for (const one of cases) {
    const given: GpuCase = { ...settings, ...one, architecture, reference };
    await runNode(process.argv[1] ?? '', given, [CASE, JSON.stringify(given)], deadline, add);
  }
  await runPython(
    architecture,
    { checkpoint, pixels, reference, batches: PYTORCH_BATCHES, device: settings.provider },
    deadline,
    add,
  );
  // The largest package and its checkpoint have two gigabytes.
  for (const path of [fp32, fp16, checkpoint]) await rm(path, { recursive: true });
}
