/**
 * Measures the worker as deployed, on this machine's GPU: the container's modules answer messages
 * from the embedded S3, SQS, SNS and DynamoDB, decoding included.
 *
 *   node --import tsx bench/gpu-bundle.ts FOLDER && node FOLDER/gpu-worker.mjs
 *     [--provider cuda] [--minutes 7] [--messages 2000] [--photographs 300]
 *     [--packages FOLDER] [--out gpu-worker.json]
 *     [--architecture resnext101_32x8d] [--slower resnext101_32x16d] [CASE…]
 *
 * It runs from the bundle only. A bundle's worker finds its native packages above the folder.
 * CASE: a part of the names of the cases to run, by default all. The file is written anew after
 * every row. A case that fails is a row with its error; when the minutes are over, the cases that
 * are left are rows that say so. The packages have random weights, and are shared with gpu.mjs.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../classifier/message-of.ts';
import { EXECUTION_PROVIDERS, type ExecutionProvider } from '../classifier/onnx-runtime.ts';
import { type GpuPackages, type GpuPackageTask, makePackage, packagesOf } from './gpu-packages.ts';
import { NO_TIME } from './gpu-processes.ts';
import { openGpuResults } from './gpu-results.ts';
import { BARE, type BareSession, measureDecoding, measureSession } from './gpu-worker-bare.ts';
import { measureRefusal, measureStop, measureWithoutMemory } from './gpu-worker-faults.ts';
import { photograph, smallPicture } from './gpu-worker-pictures.ts';
import { measureRound, type Round } from './gpu-worker-run.ts';
import { SERVICE, serve } from './gpu-worker-services.ts';
import { type GpuWorld, openGpuWorld, type Served } from './gpu-worker-world.ts';

const BATCH = 32;
const BATCHES = [8, 16, 64, 128];
/**
 * Cores that the worker is bound to. The smallest machines of AWS with a GPU have 4 (g4dn.xlarge,
 * g5.xlarge, g6.xlarge).
 */
const CORES = [4, 8, 16];
/** Processes that handle the messages of one worker. */
const HANDLERS = [1, 2, 4, 8];
/**
 * Workers at a time on the one card, each with services of its own: the embedded DynamoDB answers
 * for some 280 images a second, and no more.
 */
const WORKERS = [2];
const HANDLERS_EACH = 4;
/** MiB that are left of the card's memory for a worker with the largest batch. */
const LEFT_MIB = [2600, 1600];
const LARGEST_BATCH = '256';
const SMALL = 'small';
const PHOTOGRAPHS = 'photograph';
/** A folder in memory, where there is one: the disk is not measured. */
const MEMORY_FOLDER = '/dev/shm';

const [mode, ...given] = process.argv.slice(2);
if (mode === SERVICE) await serve(given[0] ?? '', given[1] ?? '');
else if (mode === BARE) {
  process.send?.(await measureSession(JSON.parse(given[0] ?? '')));
  process.disconnect?.();
} else await main();

interface Case {
  readonly name: string;
  measure(): Promise<object>;
}

interface Options {
  readonly provider: ExecutionProvider;
  readonly deadline: number;
  readonly messages: number;
  readonly photographs: number;
  readonly model: Served;
  readonly slower: () => Promise<Served>;
  readonly program: string;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      provider: { type: 'string', default: 'cuda' },
      minutes: { type: 'string', default: '7' },
      messages: { type: 'string', default: '2000' },
      photographs: { type: 'string', default: '300' },
      architecture: { type: 'string', default: 'resnext101_32x8d' },
      slower: { type: 'string', default: 'resnext101_32x16d' },
      packages: { type: 'string' },
      out: { type: 'string', default: 'gpu-worker.json' },
    },
  });
  const provider = EXECUTION_PROVIDERS.find((one) => one === values.provider);
  if (provider === undefined) throw new TypeError(`--provider must be one of ${EXECUTION_PROVIDERS.join(', ')}`);
  const deadline = Date.now() + Number(values.minutes) * 60_000;
  const add = openGpuResults<object>(values.out, provider);
  const temporary = await mkdtemp(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'autoswiftnet-'));
  process.env['TMPDIR'] = temporary;
  const folder = values.packages ?? join(temporary, 'packages');
  const worlds: GpuWorld[] = [];
  try {
    // fp16 convolutions on the CPU are so slow that nothing else could be tried.
    const start = performance.now();
    const { fp32, fp16 } = await makePackages(values.architecture, folder, ['fp32', 'fp16']);
    const packageDir = provider === 'cpu' ? fp32 : fp16;
    await add({ case: 'packages', architecture: values.architecture, milliseconds: performance.now() - start });
    const options: Options = {
      provider,
      deadline,
      messages: Number(values.messages),
      photographs: Number(values.photographs),
      model: { name: values.architecture, packageDir },
      slower: async () => ({
        name: values.slower,
        packageDir: (await makePackages(values.slower, folder, ['fp32'])).fp32,
      }),
      program: process.argv[1] ?? '',
    };
    for (const one of casesOf(options, worlds)) {
      if (positionals.length > 0 && !positionals.some((part) => one.name.includes(part))) continue;
      await add({ case: one.name, ...(Date.now() < deadline ? await outcomeOf(one) : { error: NO_TIME }) });
    }
  } finally {
    for (const { heavy } of worlds) await heavy.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

async function makePackages(
  architecture: string,
  folder: string,
  each: readonly GpuPackageTask['make'][],
): Promise<GpuPackages> {
  for (const make of each) await makePackage({ architecture, folder, make });
  return packagesOf(architecture, folder);
}

async function outcomeOf({ measure }: Case): Promise<object> {
  const start = performance.now();
  try {
    return { ...(await measure()), seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    return { error: messageOf(error), seconds: (performance.now() - start) / 1000 };
  }
}

/** The cases, the most important ones first. Worlds are opened when they are first needed. */
function casesOf(options: Options, worlds: GpuWorld[]): Case[] {
  const { provider, deadline, messages, photographs, model, slower, program } = options;
  const atLeast = async (count: number) => {
    while (worlds.length < count) worlds.push(await openGpuWorld(provider, model, program));
    const small = await smallPicture();
    const taken = worlds.slice(0, count);
    await Promise.all(taken.map((world) => world.fill(SMALL, messages, small)));
    return taken as [GpuWorld, ...GpuWorld[]];
  };
  const round = (more: Partial<Round> = {}): Round => ({ model, prefix: SMALL, count: messages, deadline, ...more });
  const bare = (packageDir: string, batch: number) => inAProcess({ packageDir, provider, batch }, program, deadline);
  const batchSize = (size: number) => ({ variables: { AUTOSWIFTNET_BATCH_SIZE: String(size) } });
  const handlers = (count: number) => ({ variables: { AUTOSWIFTNET_HANDLERS: String(count) } });
  const few = Math.ceil(messages / 3);

  return [
    { name: 'bare session', measure: () => bare(model.packageDir, BATCH) },
    ...HANDLERS.map((count) => ({
      name: `worker, ${count} handlers`,
      measure: async () => measureRound(await atLeast(1), round(handlers(count))),
    })),
    ...WORKERS.map((count) => ({
      name: `${count} workers, ${HANDLERS_EACH} handlers each`,
      measure: async () => measureRound(await atLeast(count), round(handlers(HANDLERS_EACH))),
    })),
    ...CORES.filter(isHere).map((cores) => ({
      name: `small pictures on ${cores} cores`,
      measure: async () => measureRound(await atLeast(1), round({ cores: upTo(cores) })),
    })),
    {
      name: 'decoding alone, small picture',
      measure: async () => measureDecoding(await smallPicture(), model.packageDir),
    },
    { name: 'decoding alone, photograph', measure: async () => measureDecoding(await photograph(), model.packageDir) },
    ...CORES.filter(isHere).map((cores) => ({
      name: `photographs on ${cores} cores`,
      measure: async () => {
        const [world] = await atLeast(1);
        await world.fill(PHOTOGRAPHS, photographs, await photograph());
        return measureRound([world], round({ prefix: PHOTOGRAPHS, count: photographs, cores: upTo(cores) }));
      },
    })),
    { name: 'SIGTERM', measure: async () => measureStop((await atLeast(1))[0], round()) },
    ...LEFT_MIB.map((left) => ({
      name: `out of memory, ${left} MiB left`,
      measure: async () =>
        measureWithoutMemory(
          (await atLeast(1))[0],
          round({ count: few, variables: { AUTOSWIFTNET_BATCH_SIZE: LARGEST_BATCH } }),
          left,
        ),
    })),
    {
      name: 'no device',
      measure: async () => measureRefusal((await atLeast(1))[0], model, { CUDA_VISIBLE_DEVICES: '' }),
    },
    {
      name: 'no libraries',
      measure: async () => measureRefusal((await atLeast(1))[0], model, { LD_LIBRARY_PATH: '' }),
    },
    ...BATCHES.flatMap((size) => [
      { name: `bare session, batch ${size}`, measure: () => bare(model.packageDir, size) },
      {
        name: `worker, batch ${size}`,
        measure: async () => measureRound(await atLeast(1), round({ count: few, ...batchSize(size) })),
      },
    ]),
    { name: 'slower model, bare session', measure: async () => bare((await slower()).packageDir, BATCH) },
    {
      name: 'slower model, worker',
      measure: async () => measureRound(await atLeast(1), round({ model: await slower(), count: few })),
    },
  ];
}

/** On a machine with fewer cores, the fewest stand for all that it has. */
function isHere(cores: number): boolean {
  return cores <= Math.max(availableParallelism(), CORES[0] ?? 0);
}

/** The first cores, as `taskset` names them. */
function upTo(cores: number): string {
  return `0-${Math.min(cores, availableParallelism()) - 1}`;
}

/** A session of its own process leaves the card's memory when it ends. */
async function inAProcess(session: BareSession, program: string, deadline: number): Promise<object> {
  const child = fork(program, [BARE, JSON.stringify(session)], {
    env: { ...process.env, NVIDIA_TF32_OVERRIDE: '0' },
    timeout: Math.max(1, deadline - Date.now()),
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the process ended (${signal ?? code}) before it had measured anything`);
  });
  ended.catch(() => {});
  const [row] = await Promise.race([once(child, 'message'), ended]);
  return row;
}
