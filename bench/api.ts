/**
 * Measures the HTTP API of the local stack with 1, 8 and 32 clients, a minute each, and the
 * classifier alone for comparison: the sample model, and with 32 clients a ResNet-50 of random
 * weights. The API answers in one process, and the classifier alone is one process too.
 *
 *   node --import tsx bench/api.ts [SECONDS]
 *
 * Results: bench/results/api.json.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockOtherLoaders } from '../classifier/decode/block-other-loaders.ts';
import { type Classifier, openClassifier } from '../classifier/index.ts';
import { renderPictures } from '../models/sample/drawing/render.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';
import { startStack } from './stack-process.ts';

interface Load {
  readonly times: readonly number[];
  readonly errors: number;
  readonly seconds: number;
}

/** A seed of pictures with which the sample model was neither trained nor checked. */
const SEED = 700_000_001;
/** Shorter side of the pictures, which have about half a megapixel each. */
const PICTURE_PIXELS = 600;
const SECONDS = Number(process.argv[2] ?? 60);
const ENGINE_SECONDS = Math.min(SECONDS, 8);
const WARM_UP_REQUESTS = 20;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  const pictures: Buffer[] = [];
  for await (const { jpeg } of renderPictures(SEED, 1, PICTURE_PIXELS)) pictures.push(jpeg);
  blockOtherLoaders();
  const sample = await ensureSamplePackage(folder);
  const resnet50 = await randomPackage('resnet50', folder);
  await report('api', [...(await measure(sample, [1, 8, 32], pictures)), ...(await measure(resnet50, [32], pictures))]);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function measure(packageDir: string, clients: readonly number[], pictures: readonly Buffer[]) {
  const classifier = await openClassifier(packageDir, { threads: 1 });
  const { child, url } = await startStack(packageDir, folder);
  const rows: object[] = [];
  for (const count of clients) {
    // The classifier is measured before and after, so that other work on the machine affects both
    // alike.
    const before = await engine(classifier, pictures);
    const api = await load(url, count, pictures);
    const after = await engine(classifier, pictures);
    rows.push(
      row(classifier.manifest.name, count, api, {
        ...before,
        times: [...before.times, ...after.times],
        seconds: before.seconds + after.seconds,
      }),
    );
  }
  await classifier.close();
  child.kill('SIGTERM');
  await once(child, 'exit');
  return rows;
}

async function engine(classifier: Classifier, pictures: readonly Buffer[]): Promise<Load> {
  const times: number[] = [];
  await classifier.classify(pictures.slice(0, 3));
  const start = performance.now();
  for (let turn = 0; performance.now() - start < ENGINE_SECONDS * 1000; turn += 1) {
    const began = performance.now();
    const [entry] = await classifier.classify([pictures[turn % pictures.length] ?? Buffer.alloc(0)]);
    if (entry === undefined || 'error' in entry) throw new Error('the classifier rejected a picture');
    times.push(performance.now() - began);
  }
  return { times, errors: 0, seconds: (performance.now() - start) / 1000 };
}

async function load(url: string, clients: number, pictures: readonly Buffer[]): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  for (let turn = 0; turn < WARM_UP_REQUESTS; turn += 1) await post(url, pictures[turn % pictures.length], agent);
  const times: number[] = [];
  let errors = 0;
  let turn = 0;
  const start = performance.now();
  const client = async () => {
    while (performance.now() - start < SECONDS * 1000) {
      const began = performance.now();
      turn += 1;
      if (await post(url, pictures[turn % pictures.length], agent)) times.push(performance.now() - began);
      else errors += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return { times, errors, seconds: (performance.now() - start) / 1000 };
}

/**
 * Sends a picture.
 * @returns whether it was classified
 */
function post(url: string, picture: Buffer | undefined, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'image/jpeg', 'content-length': picture?.length ?? 0 };
    const outgoing = request(`${url}/classify`, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve(answer.statusCode === 200 && JSON.parse(Buffer.concat(chunks).toString()).predictions.length === 5),
      );
    });
    outgoing.on('error', () => resolve(false));
    outgoing.end(picture);
  });
}

function row(model: string, clients: number, api: Load, alone: Load) {
  const perSecond = (one: Load) => one.times.length / one.seconds;
  return {
    model,
    clients,
    seconds: Math.round(api.seconds),
    requests: api.times.length,
    errors: api.errors,
    imagesPerSecond: round(perSecond(api)),
    p50Ms: round(quantile(api.times, 0.5)),
    p99Ms: round(quantile(api.times, 0.99)),
    engineImagesPerSecond: round(perSecond(alone)),
    engineP50Ms: round(quantile(alone.times, 0.5)),
    engineP99Ms: round(quantile(alone.times, 0.99)),
    shareOfEngine: Number((perSecond(api) / perSecond(alone)).toFixed(3)),
  };
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
