/**
 * Compares AutoSwiftNet with transformers.js (fp32, and its own q8 file), with onnxruntime-node as
 * tutorials use it, and with PyTorch and torchvision: the same weights, the same pictures, one
 * image at a time on one processor core. The answers are compared before anything is timed.
 *
 *   node --import tsx bench/peers/main.ts [ARCHITECTURE…] [--against FILE] [--photographs FOLDER]
 *
 * The peers are installed beside this file on the first run. With `--against` the ratios are
 * compared with an earlier result, and it fails when one is worse by more than the noise. FOLDER is
 * /usr/share/backgrounds/mate of Debian's mate-backgrounds; by default it is found or downloaded.
 * PYTHON names a Python with onnx and onnxruntime (for the q8 file) and with torch and torchvision;
 * without them these sides are left out.
 *
 * Linux only, about five minutes. Results of the three default networks: bench/results/peers.json;
 * then `npm run docs` writes the table and the plot.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { writeResults } from '../report.ts';
import { vectorInstructions } from '../vector-instructions.ts';
import { compareAnswers } from './answers.ts';
import { findSlower, keyOf } from './compare-runs.ts';
import { measureCold, measureWarm } from './measure-sides.ts';
import { makeModels } from './models.ts';
import { makePictures, type Pictures } from './pictures.ts';
import { type Measured, type Results, readResults } from './results.ts';
import { figuresOf, type Ratio, ratiosOf } from './rounds.ts';
import { canPin, RunningSide, type Side } from './side.ts';
import { findInterpreters, type Interpreters, sidesFor, skippedSides } from './sides.ts';

const NETWORKS = ['resnet18', 'resnet50', 'resnext101_32x4d'];
/** The last core: programs that run beside it more often have the first. */
const CORE = cpus().length - 1;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { against: { type: 'string' }, photographs: { type: 'string' } },
});
// Read before the file may be overwritten.
const before = values.against ? readResults(values.against) : null;
const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-peers-'));
try {
  await install();
  const interpreters = findInterpreters();
  const pictures = await makePictures(join(folder, 'pictures'), values.photographs);
  const networks = positionals.length > 0 ? positionals : NETWORKS;
  const prepared = [];
  for (const network of networks) prepared.push(await prepareNetwork(network, pictures, interpreters));
  const results = [];
  for (const { network, sides } of prepared) results.push(await measureNetwork(network, sides, pictures));
  const ratios = results.flatMap((one) => one.ratios);
  console.table(ratios);
  if (positionals.length === 0) {
    const measured: Measured = {
      pictures: pictures.source,
      oneCore: canPin(),
      skipped: skippedSides(interpreters),
      agreement: prepared.flatMap(({ network, agreement }) => agreement.map((one) => ({ network, ...one }))),
      figures: results.flatMap((one) => one.figures),
      ratios,
    };
    await writeResults('peers', measured, { more: await versions(interpreters) });
  }
  if (before) reportChanges(before, ratios);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Installs the peers, and builds the package as it is published. */
async function install(): Promise<void> {
  const run = promisify(execFile);
  if (!existsSync(join(HERE, 'node_modules'))) {
    say('installing the peers');
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
    await run('npm', ['ci'], { cwd: HERE, env });
  }
  say('building the package');
  await run(process.execPath, ['scripts/build.js'], { cwd: ROOT });
}

/** Makes a network for all sides, and compares their answers. */
async function prepareNetwork(network: string, { exact }: Pictures, interpreters: Interpreters) {
  say(`${network}: making the models`);
  const models = await makeModels(network, folder, dirname(exact[0] ?? ''), interpreters.quantizer);
  const sides = sidesFor(models, join(ROOT, 'dist/library/index.js'), interpreters);
  say(`${network}: comparing the answers`);
  const agreement = await withRunning(sides, (running) => compareAnswers(running, exact));
  console.table(agreement);
  return { network, sides, agreement };
}

async function measureNetwork(network: string, sides: readonly Side[], pictures: Pictures) {
  say(`${network}: measuring ${sides.length} sides`);
  const warm = await withRunning(sides, (running) => measureWarm(running, pictures));
  const cold = await measureCold(sides, pictures.small[2] ?? '', CORE);
  const series = [...warm, ...cold];
  return { figures: figuresOf(network, series), ratios: ratiosOf(network, series) };
}

async function withRunning<T>(
  sides: readonly Side[],
  use: (running: ReadonlyMap<Side, RunningSide>) => Promise<T>,
): Promise<T> {
  const running = new Map(sides.map((side) => [side, new RunningSide(side, CORE)]));
  try {
    return await use(running);
  } finally {
    await Promise.all([...running.values()].map((side) => side.close()));
  }
}

function reportChanges(before: Results, ratios: readonly Ratio[]): void {
  const instructions = vectorInstructions();
  if (before.machine.instructions.join() !== instructions.join()) {
    say(`${values.against} is from another processor (${before.machine.instructions}); this one has ${instructions}`);
  }
  const slower = findSlower(before.ratios, ratios);
  for (const { ratio, before, now } of slower) say(`slower: ${keyOf(ratio)}: ${before} before, ${now} now`);
  if (slower.length === 0) say(`nothing got slower than in ${values.against} by more than the noise`);
  else process.exitCode = 1;
}

async function versions({ quantizer, pytorch }: Interpreters): Promise<Record<string, string>> {
  const { dependencies } = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8'));
  const python = async (name: string | null, module: string) => {
    if (name === null) return {};
    const { stdout } = await promisify(execFile)(name, ['-c', `import ${module}; print(${module}.__version__)`]);
    return { [module]: stdout.trim() };
  };
  return {
    transformersJs: dependencies['@huggingface/transformers'],
    ...(await python(quantizer, 'onnxruntime')),
    ...(await python(pytorch, 'torch')),
    ...(await python(pytorch, 'torchvision')),
  };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
