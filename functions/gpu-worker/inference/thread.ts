/**
 * The thread that runs the models. A run cannot be interrupted, and terminating the thread during a
 * run would abort the whole process. So the thread is asked to stop, and ends by itself between two
 * requests.
 */
import { parentPort } from 'node:worker_threads';
import { AutoSwiftNetError } from '../../../classifier/errors.ts';
import { type OpenModel, openModel } from '../../../classifier/open-model.ts';
import { checkSelfTest, INPUT_ELEMENTS, selfTestImage } from '../../../classifier/self-test.ts';
import { openSession } from '../../../classifier/session.ts';
import { fixedSizes } from './batch-sizes.ts';
import type { OpenedModel, ThreadAnswer, ThreadRequest } from './protocol.ts';
import { openSizedSessions } from './sized-sessions.ts';

const port = parentPort;
if (port === null) throw new TypeError('this file must be started as a worker thread');

const models = new Map<string, OpenModel>();
let turn: Promise<void> = Promise.resolve();

port.on('message', (request: ThreadRequest) => {
  turn = turn.then(() => serve(request));
});

async function serve(request: ThreadRequest): Promise<void> {
  if (request.kind === 'stop') {
    for (const { session } of models.values()) await session.release();
    port?.close();
    return;
  }
  try {
    const answer = await answerTo(request);
    port?.postMessage(answer, answer.kind === 'ran' ? [answer.pixels.buffer as ArrayBuffer] : []);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof AutoSwiftNetError ? error.code : null;
    const pixels = request.kind === 'run' ? request.pixels : null;
    const fault: ThreadAnswer = { kind: 'fault', id: request.id, name, code, message, pixels };
    port?.postMessage(fault, pixels === null ? [] : [pixels.buffer as ArrayBuffer]);
  }
}

async function answerTo(request: Exclude<ThreadRequest, { kind: 'stop' }>): Promise<ThreadAnswer> {
  const { id, model } = request;
  switch (request.kind) {
    case 'open':
      return { kind: 'opened', id, ...(await open(request)) };
    case 'run':
      return { kind: 'ran', id, pixels: request.pixels, ...(await run(opened(model), request)) };
    case 'test':
      await test(opened(model), 1);
      return { kind: 'tested', id };
    case 'close':
      await opened(model).session.release();
      models.delete(model);
      return { kind: 'closed', id };
  }
}

async function open(request: Extract<ThreadRequest, { kind: 'open' }>): Promise<OpenedModel> {
  const { providers, threads, largestBatch } = request;
  let sizes: readonly number[] | null = null;
  // The self-test runs a single image. Run the other batch sizes now, before any message waits for
  // them: if they are wrong, there may be a fallback.
  const openWarm: typeof openSession = async (packageDir, manifest, options) => {
    const first = await openSession(packageDir, manifest, options);
    const wanted = fixedSizes(first.provider, largestBatch);
    if (wanted === null) {
      sizes = null;
      return first;
    }
    // The first session was tested, and has found the provider that works.
    const again = { ...options, providers: [first.provider], selfTest: false };
    const sized = await openSizedSessions(
      first,
      wanted,
      () => openSession(packageDir, manifest, again),
      (session, size) => test({ session, manifest, packageDir }, size),
    );
    sizes = sized.sizes;
    return sized.session;
  };
  const model = await openModel(request.packageDir, { providers, threads }, openWarm);
  models.set(request.model, model);
  const { session, packageDir, manifest, fallback } = model;
  const { graph, provider, refusals } = session;
  // Sent as text, because an error would lose its class between threads.
  const answering = fallback && { kind: fallback.kind, reason: fallback.reason.message };
  return { packageDir, manifest, fallback: answering, graph, provider, refusals, sizes };
}

async function run({ session }: OpenModel, request: Extract<ThreadRequest, { kind: 'run' }>) {
  const { pixels, count, features: wanted } = request;
  const start = performance.now();
  if (wanted.length === 0) {
    const logits = await session.run(pixels, count);
    return { logits, features: [], milliseconds: performance.now() - start };
  }
  const { logits, features } = await session.runWithFeatures(pixels, count);
  const milliseconds = performance.now() - start;
  const each = features.length / count;
  return { logits, features: wanted.map((index) => features.slice(index * each, (index + 1) * each)), milliseconds };
}

/**
 * Runs a batch of copies of the self-test's picture. Each copy must give what the converter
 * recorded.
 */
async function test({ session, manifest, packageDir }: Omit<OpenModel, 'fallback'>, size: number): Promise<void> {
  const image = selfTestImage(manifest.selfTest.seed);
  const pixels = new Uint8Array(size * INPUT_ELEMENTS);
  for (let index = 0; index < size; index += 1) pixels.set(image, index * INPUT_ELEMENTS);
  const logits = await session.run(pixels, size);
  for (let index = 0; index < size; index += 1) {
    const { classes, selfTest } = manifest;
    checkSelfTest(logits.subarray(index * classes, (index + 1) * classes), selfTest, packageDir);
  }
}

function opened(model: string): OpenModel {
  const found = models.get(model);
  if (found === undefined)
    throw new TypeError(`model ${model} is not open; the open models are: ${[...models.keys()].join(', ') || 'none'}`);
  return found;
}
