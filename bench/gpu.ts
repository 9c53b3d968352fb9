/**
 * Measures ResNet-50 and the ResNeXt-101 networks, with random weights at full size, on this
 * machine's GPU: fp16 by the graph for CUDA and by model.onnx, which has planes (NCHW); fp32 with
 * and without TF32; where the time goes, by operator; and PyTorch (fp16, channels-last) with the
 * same weights on the same card.
 *
 *   node --import tsx bench/gpu.ts [--provider cuda] [--minutes 4] [--packages FOLDER]
 *     [--out FILE] [--plain] [ARCHITECTURE…]
 *
 * With --plain it measures our own packages alone, without PyTorch and the time of each operator.
 *
 * The packages that FOLDER lacks are made there and stay, for bench/gpu-worker.ts too. Without it
 * they are temporary.
 *
 * Results: bench/results/gpu.json, or --out. The file is written anew after every row, so what was
 * measured stays if the machine is taken away. Each case is a process of its own, because TF32 is
 * set for a whole process and a fault of CUDA ends one: a case that fails is a row with its error.
 * When the minutes are over, the cases that are left are rows that say so. All packages are made
 * at the start, side by side, while nothing is measured.
 *
 * bench/gpu-bundle.ts packs all of this into one module for a machine without this clone. CUDA's
 * provider comes from onnxruntime-node's install script:
 *
 *   ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js
 *
 * PyTorch needs python3 with torch and torchvision; compiling also needs Triton and a C compiler.
 * `--provider cpu` tries the program itself, by model.onnx.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../classifier/message-of.ts';
import { EXECUTION_PROVIDERS } from '../classifier/onnx-runtime.ts';
import { type GpuCase, type GpuRow, measureCase } from './gpu-case.ts';
import { type GpuPackageTask, makePackage, packagesOf } from './gpu-packages.ts';
import { runNode, runPython, runQuietly } from './gpu-processes.ts';
import { openGpuResults } from './gpu-results.ts';

/** The heavy model that we recommend comes first: it is measured even if time is short. */
const HEAVY = 'resnext101_32x8d';
const ARCHITECTURES = [HEAVY, 'resnet50', 'resnext101_32x4d', 'resnext101_32x16d'];
const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128];
/** The batch size at which graphs, and PyTorch, are compared. */
const COMPARED_BATCH = 64;
/** How PyTorch runs a network. Compiling for a batch size takes many seconds. */
const PYTORCH_MODES = ['eager', 'compiled'];
const PYTORCH_HEAVY_MODES = ['eager', 'compiled', 'captured'];
const PYTORCH_HEAVY_BATCHES = [128, 32, 1];
const CASE = '--case';
const MAKE = '--make';

if (process.argv[2] === CASE) {
  // The parent waits until the channel is closed.
  await measureCase(JSON.parse(process.argv[3] ?? ''), (row) => process.send?.(row));
  process.disconnect?.();
} else if (process.argv[2] === MAKE) {
  await makePackage(JSON.parse(process.argv[3] ?? ''));
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
      plain: { type: 'boolean', default: false },
      batches: { type: 'string', default: BATCHES.join(',') },
      packages: { type: 'string' },
      out: { type: 'string', default: fileURLToPath(new URL('results/gpu.json', import.meta.url)) },
    },
  });
  const provider = EXECUTION_PROVIDERS.find((one) => one === values.provider);
  if (provider === undefined) throw new TypeError(`--provider must be one of ${EXECUTION_PROVIDERS.join(', ')}`);
  const deadline = Date.now() + Number(values.minutes) * 60_000;
  const add = openGpuResults<GpuRow>(values.out, provider);
  const batches = values.batches.split(',').map(Number);
  const temporary = values.packages === undefined ? await mkdtemp(join(tmpdir(), 'autoswiftnet-gpu-')) : null;
  const folder = temporary ?? values.packages ?? '';
  const architectures = positionals.length > 0 ? positionals : ARCHITECTURES;
  try {
    const made = await Promise.all(architectures.map((architecture) => makePackages(architecture, folder, add)));
    for (const architecture of architectures.filter((_, index) => made[index])) {
      await measureArchitecture(
        architecture,
        { folder, provider, batches, seconds: Number(values.seconds), plain: values.plain },
        deadline,
        add,
      );
    }
  } finally {
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
  }
}

interface Settings extends Pick<GpuCase, 'provider' | 'batches' | 'seconds'> {
  readonly folder: string;
  readonly plain: boolean;
}

type Add = (row: GpuRow) => Promise<void>;

/** Makes all packages of a network, each in its own process. Returns whether it could. */
async function makePackages(architecture: string, folder: string, add: Add): Promise<boolean> {
  const about = { runtime: 'onnxruntime', architecture, what: 'packages' } as const;
  const start = performance.now();
  const make = (one: GpuPackageTask['make']) => {
    const task: GpuPackageTask = { architecture, folder, make: one };
    return runQuietly(process.argv[1] ?? '', [MAKE, JSON.stringify(task)]);
  };
  try {
    await make('fp32');
    await make('fp16');
  } catch (error) {
    await add({ ...about, error: messageOf(error) });
    return false;
  }
  await add({ ...about, milliseconds: performance.now() - start });
  return true;
}

/**
 * Measures one network: first what is compared with PyTorch, then the rest. Whatever fails becomes
 * a row, and the next case goes on.
 */
async function measureArchitecture(
  architecture: string,
  { folder, batches, seconds, provider, plain }: Settings,
  deadline: number,
  add: Add,
): Promise<void> {
  const { fp32, fp16, pixels, reference, checkpoint } = packagesOf(architecture, folder);
  const batch = batches.includes(COMPARED_BATCH) ? COMPARED_BATCH : (batches.at(-1) ?? 1);
  const compared = [batch];
  const heavy = architecture === HEAVY;
  const common = { provider, seconds, architecture, reference };
  const measure = (one: Omit<GpuCase, keyof typeof common>) => {
    const given: GpuCase = { ...common, ...one };
    return runNode(process.argv[1] ?? '', given, [CASE, JSON.stringify(given)], deadline, add);
  };
  const half = { precision: 'fp16', tf32: false } as const;
  const python = (cases: readonly string[]) =>
    runPython(architecture, { checkpoint, pixels, reference, cases, device: provider }, deadline, add);

  await measure({ ...half, packageDir: fp16, batches });
  // Only CUDA has a graph of its own.
  if (provider === 'cuda') await measure({ ...half, variant: 'nchw', packageDir: fp16, batches: compared });
  if (!plain) await python((heavy ? PYTORCH_HEAVY_MODES : PYTORCH_MODES).map((mode) => `${mode}:${batch}`));
  if (heavy && !plain) {
    await measure({ ...half, packageDir: fp16, batches: compared, profile: true });
    if (provider === 'cuda')
      await measure({ ...half, variant: 'nchw', packageDir: fp16, batches: compared, profile: true });
  }
  await measure({ precision: 'fp32', tf32: false, packageDir: fp32, batches });
  // TF32 is a kind of arithmetic that only GPUs have.
  if (provider !== 'cpu') await measure({ precision: 'fp32', tf32: true, packageDir: fp32, batches });
  if (heavy && !plain) {
    const others = PYTORCH_HEAVY_BATCHES.filter((one) => batches.includes(one) && one !== batch);
    await python([...others.map((one) => `compiled:${one}`), `reduce-overhead:${batch}`, 'reduce-overhead:1']);
  }
}
