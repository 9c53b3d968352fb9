import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { type GraphFile, openGraph } from '../../../classifier/onnx-runtime.ts';
import { INPUT_ELEMENTS, selfTestImage } from '../../../classifier/self-test.ts';
import { convertCheckpoint } from '../../../models/convert.ts';
import { MOST_MISSING } from '../../../models/graph/cuda-network.ts';
import { type GraphProto, ModelProtoSchema } from '../../../models/graph/onnx_pb.ts';
import { toStoredTensor } from '../../../models/graph/onnx-file.ts';
import { openFloatPackage } from '../../../models/package/read-float-package.ts';
import { writeHalf } from '../../../models/package/write-half.ts';
import { writeLegacyCheckpoint } from '../checkpoint/write-legacy.ts';
import { type NetworkShape, randomNetwork, TINY_BOTTLENECK } from './random-network.ts';
import { withStandardNodes } from './standard-nodes.ts';

const TRAINED = fileURLToPath(new URL('../../fixtures/checkpoints/resnext-trained/model.safetensors', import.meta.url));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-cuda-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Makes graphs and weights of an fp16 package. The CPU can then run the graph for CUDA, too. */
async function halve(name: string, checkpoint: string) {
  const [out, half] = [join(folder, name), join(folder, `${name}.fp16`)];
  await convertCheckpoint({ checkpoint, out });
  const float = await openFloatPackage(out);
  await mkdir(half);
  await writeHalf(float, half);
  await float.close();
  const [plain, cuda] = await Promise.all(['model.onnx', 'model.cuda.onnx'].map((file) => readGraph(join(half, file))));
  await writeFile(join(half, 'model.cuda.onnx'), withStandardNodes(await readFile(join(half, 'model.cuda.onnx'))));
  return { half, plain, cuda };
}

/** @param change changes the tensors of a random network of this shape */
async function halveRandom(name: string, shape: NetworkShape, change: (name: string, values: Float32Array) => void) {
  const entries = randomNetwork(shape).map((entry) => ({
    ...entry,
    fill(values: Float32Array) {
      entry.fill(values);
      change(entry.name, values);
    },
  }));
  const checkpoint = join(folder, `${name}.pth`);
  await writeLegacyCheckpoint(checkpoint, entries);
  return halve(name, checkpoint);
}

async function readGraph(path: string): Promise<GraphProto> {
  const { graph } = fromBinary(ModelProtoSchema, await readFile(path));
  if (graph === undefined) throw new Error('expected a graph');
  return graph;
}

/** Runs a graph on two pictures. */
async function run(half: string, file: GraphFile) {
  const graph = await openGraph(half, ['cpu'], () => file, { threads: 1, optimization: 'all', exactInt8: false });
  const pixels = new Uint8Array(2 * INPUT_ELEMENTS);
  for (const index of [0, 1]) pixels.set(selfTestImage(index + 1), index * INPUT_ELEMENTS);
  const [logits, features] = await graph.run(pixels, 2, ['logits', 'features']);
  await graph.release();
  return { logits, features };
}

/** The largest difference between both graphs' outputs, as a share of the range. */
async function differences(half: string) {
  const [plain, cuda] = [await run(half, 'model.onnx'), await run(half, 'model.cuda.onnx')];
  const share = (one: Float32Array, other: Float32Array) =>
    Math.max(...one.map((value, index) => Math.abs(value - (other[index] ?? Number.NaN)))) /
    (Math.max(...one) - Math.min(...one));
  return { logits: share(plain.logits, cuda.logits), features: share(plain.features, cuda.features), cuda };
}

function halvesOf(bytes: Uint8Array): Float32Array {
  // Node 20 has no Float16Array.
  return Float32Array.from(new Uint16Array(Uint8Array.from(bytes).buffer), (bits) => {
    const exponent = (bits >> 10) & 31;
    const size = exponent === 0 ? (bits & 1023) * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25);
    return bits >> 15 ? -size : size;
  });
}

test('the graph for CUDA gives the logits and features of model.onnx, with trained weights', async () => {
  const { half, cuda } = await halve('trained', TRAINED);
  const { logits, features, cuda: outputs } = await differences(half);

  // The CPU rounds only what is stored. A wrong layout or bias changes much of the range.
  expect(logits).toBeLessThan(2e-3);
  expect(features).toBeLessThan(2e-3);
  expect(Math.min(...outputs.features)).toBe(0);
  const foreign = cuda?.node.filter(({ domain }) => domain !== '').map(({ domain, opType }) => `${domain}.${opType}`);
  expect(new Set(foreign)).toEqual(new Set(['com.microsoft.NhwcConv']));
  // Four blocks of three convolutions, and four projections.
  expect(foreign).toHaveLength(16);
});

test('it uses the weights of model.onnx; only kernels of 3x3 are stored again', async () => {
  const { plain, cuda } = await halveRandom('shared', TINY_BOTTLENECK, () => {});
  const offsets = (graph: GraphProto | undefined) =>
    new Map(graph?.initializer.map((one) => [one.name, toStoredTensor(one).offset]));
  const [one, other] = [offsets(plain), offsets(cuda)];
  const weights = [...other.keys()].filter((name) => name.endsWith('.weight'));
  const moved = weights.filter((name) => one.get(name) !== other.get(name));

  expect(weights.toSorted()).toEqual([...one.keys()].filter((name) => name.endsWith('.weight')).toSorted());
  expect(moved).toEqual(
    [1, 2, 3, 4].flatMap((stage) => (stage === 1 ? [0, 1] : [0]).map((block) => `layer${stage}.${block}.conv2.weight`)),
  );
});

test('where biases add up in the residual stream, they are added before they cost precision', async () => {
  const shape = { ...TINY_BOTTLENECK, depth: [5, 1, 1, 1] } as const;
  const { half, cuda } = await halveRandom('biased', shape, (name, values) => {
    if (/^layer1\.\d\.bn3\.bias$/.test(name)) values.fill(3);
    if (name === 'layer1.2.bn2.bias') values.fill(-MOST_MISSING - 1);
  });
  const added = cuda?.node.filter(({ opType, name }) => opType === 'Add' && /^layer1.*(sum|conv2)\.whole$/.test(name));
  const bytes = await readFile(join(half, 'weights.bin'));
  const least = cuda?.initializer.filter(({ name }) => name.endsWith('.least')).map(toStoredTensor) ?? [];

  expect(added?.map(({ name }) => name)).toEqual(['layer1.1.sum.whole', 'layer1.2.conv2.whole', 'layer1.3.sum.whole']);
  expect(least.length).toBeGreaterThan(0);
  for (const { offset, bytes: length } of least) {
    for (const value of halvesOf(bytes.subarray(offset, offset + length))) {
      expect(Math.abs(value)).toBeLessThanOrEqual(MOST_MISSING);
    }
  }
  const { logits, features } = await differences(half);
  expect(logits).toBeLessThan(2e-3);
  expect(features).toBeLessThan(2e-3);
});
