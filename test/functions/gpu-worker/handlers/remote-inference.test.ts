import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { UnsupportedFormatError } from '../../../../classifier/errors.ts';
import { type Manifest, readManifest } from '../../../../classifier/manifest.ts';
import { INPUT_ELEMENTS } from '../../../../classifier/self-test.ts';
import { BrokenEngineError, MachineError } from '../../../../functions/gpu-worker/errors.ts';
import type { HandlerMessage, WorkerMessage } from '../../../../functions/gpu-worker/handlers/messages.ts';
import { createRemoteInference } from '../../../../functions/gpu-worker/handlers/remote-inference.ts';
import { type InferenceServer, serveInference } from '../../../../functions/gpu-worker/handlers/serve-inference.ts';
import type { ServedModel } from '../../../../functions/gpu-worker/models/model-shelf.ts';
import { ensureSamplePackage } from '../../../../models/sample/sample.ts';

let folder: string;
let packageDir: string;
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-remote-'));
  packageDir = await ensureSamplePackage(folder);
  manifest = await readManifest(packageDir);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function modelOf(dir = packageDir): ServedModel {
  return {
    name: 'sample',
    packageDir: dir,
    manifest,
    hierarchy: null,
    graph: 'model.onnx',
    provider: 'cpu',
    refusals: [],
    sizes: [1, 8],
    fallback: null,
  };
}

/** A worker's inference and a handler's view of it. Messages cross as they do between processes. */
function connected() {
  const world = {
    model: modelOf(),
    leases: 0,
    fault: null as Error | null,
    sent: [] as WorkerMessage[],
    server: null as unknown as InferenceServer,
  };
  const shelf = {
    async use() {
      if (world.fault !== null) throw world.fault;
      world.leases += 1;
      const giveBack = () => {
        world.leases -= 1;
      };
      return { model: world.model, giveBack };
    },
  };
  const batcher = {
    async submit(_model: unknown, pixels: Uint8Array, wantsFeatures: boolean) {
      if (world.fault !== null) throw world.fault;
      const features = wantsFeatures ? Float32Array.of(7) : null;
      return { logits: Float32Array.of(pixels[0] ?? -1), features, run: 5 };
    },
  };
  const remote = createRemoteInference((message: HandlerMessage) => {
    const crossed: HandlerMessage = deserialize(serialize(message));
    if (crossed.kind === 'ready' || crossed.kind === 'held') throw new TypeError('expected a question');
    world.server.receive(crossed);
  });
  world.server = serveInference({ shelf, batcher }, (message) => {
    world.sent.push(message);
    const crossed: WorkerMessage = deserialize(serialize(message));
    if (crossed.kind !== 'stop') remote.receive(crossed);
  });
  return { world, remote };
}

const BATCHED = { name: 'sample', classes: 1000, sizes: [1, 8] };

function image(byte: number): Uint8Array {
  return new Uint8Array(INPUT_ELEMENTS).fill(byte);
}

test('a model comes with its manifest and hierarchy; what was sent once is not sent again', async () => {
  const { world, remote } = connected();
  const first = await remote.shelf.use('sample');
  const second = await remote.shelf.use('sample');

  expect(first.model).toMatchObject({
    ...modelOf(),
    hierarchy: manifest.files['hierarchy.json'] ? expect.any(Function) : null,
  });
  expect(second.model).toBe(first.model);
  expect(world.sent.map((message) => message.kind === 'lease' && message.model.opened !== null)).toEqual([true, false]);
});

test('a model that was opened again is sent again', async () => {
  const { world, remote } = connected();
  await remote.shelf.use('sample');
  const other = join(folder, 'other');
  await cp(packageDir, other, { recursive: true });
  world.model = modelOf(other);

  expect((await remote.shelf.use('sample')).model.packageDir).toBe(other);
});

test('a model is given back once, however often that is said', async () => {
  const { world, remote } = connected();
  const [first] = [await remote.shelf.use('sample'), await remote.shelf.use('sample')];
  first.giveBack();
  first.giveBack();

  expect(world.leases).toBe(1);
});

test('a model whose hierarchy cannot be read is given back', async () => {
  const { world, remote } = connected();
  world.model = modelOf(join(folder, 'none'));

  await expect(remote.shelf.use('sample')).rejects.toThrow('hierarchy.json is missing');
  expect(world.leases).toBe(0);
});

test('a hierarchy that could not be read is read again by the next message', async () => {
  const { world, remote } = connected();
  const late = join(folder, 'late');
  world.model = modelOf(late);
  await expect(remote.shelf.use('sample')).rejects.toThrow('hierarchy.json is missing');
  await cp(packageDir, late, { recursive: true });

  expect((await remote.shelf.use('sample')).model.packageDir).toBe(late);
});

test('when a handler is gone, its models are given back, also one that is opened only then', async () => {
  const { world, remote } = connected();
  await remote.shelf.use('sample');
  void remote.shelf.use('sample');
  world.server.close();
  await new Promise(setImmediate);

  expect(world.leases).toBe(0);
  expect(world.sent).toHaveLength(1);
});

test('images are answered with logits, and features if they are wanted', async () => {
  const { remote } = connected();
  const answers = [remote.batcher.submit(BATCHED, image(3), false), remote.batcher.submit(BATCHED, image(4), true)];

  expect(await Promise.all(answers)).toEqual([
    { logits: Float32Array.of(3), features: null, run: 5 },
    { logits: Float32Array.of(4), features: Float32Array.of(7), run: 5 },
  ]);
});

test('an image of another size is refused: it would be written over others of its batch', async () => {
  const { remote } = connected();

  await expect(remote.batcher.submit(BATCHED, new Uint8Array(10), false)).rejects.toThrow(
    `expected an image of ${INPUT_ELEMENTS} bytes, received 10`,
  );
});

test('errors keep name, code and message, and those of a broken worker their class', async () => {
  const { world, remote } = connected();
  world.fault = new UnsupportedFormatError('an SVG');
  await expect(remote.batcher.submit(BATCHED, image(0), false)).rejects.toMatchObject({
    name: 'UnsupportedFormatError',
    code: 'unsupported-format',
    status: 415,
    message: 'an SVG',
  });
  world.fault = new TypeError('a bug');
  await expect(remote.shelf.use('sample')).rejects.toMatchObject({ name: 'TypeError', message: 'a bug' });
  world.fault = new BrokenEngineError('gone');

  await expect(remote.shelf.use('sample')).rejects.toThrow(BrokenEngineError);
  world.fault = new MachineError('the disk is full');
  await expect(remote.shelf.use('sample')).rejects.toThrow(MachineError);
});
