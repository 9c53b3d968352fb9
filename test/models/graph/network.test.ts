import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { allConvolutions } from '../../../models/graph/architecture.ts';
import { buildNetwork } from '../../../models/graph/network.ts';
import { ModelProtoSchema, TensorProto_DataLocation } from '../../../models/graph/onnx_pb.ts';
import { encodeModel } from '../../../models/graph/onnx-file.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import { writeWeights } from '../../../models/graph/write-weights.ts';
import { memoryCheckpoint, RELEASED_NETWORKS, randomNetwork, TINY_BOTTLENECK } from './random-network.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'network-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function tinyModel() {
  const checkpoint = memoryCheckpoint(randomNetwork(TINY_BOTTLENECK));
  const architecture = readArchitecture(checkpoint.tensors, checkpoint.path);
  const weights = await writeWeights(folder, checkpoint, architecture);
  const model = fromBinary(ModelProtoSchema, encodeModel(buildNetwork(architecture, weights.tensors)));
  return { architecture, weights, model };
}

test('weights.bin holds every initializer, 64-byte aligned, without overlap, and its checksum is right', async () => {
  const { weights, model } = await tinyModel();

  const bytes = await readFile(join(folder, 'weights.bin'));
  expect(weights.file).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  let end = 0;
  for (const { name, dims, dataLocation, externalData } of model.graph?.initializer ?? []) {
    const { location, offset, length } = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
    expect([name, location, dataLocation]).toEqual([name, 'weights.bin', TensorProto_DataLocation.EXTERNAL]);
    expect(Number(offset) % 64).toBe(0);
    expect(Number(offset)).toBeGreaterThanOrEqual(end);
    expect(Number(length)).toBe(4 * Number(dims.reduce((product, size) => product * size, 1n)));
    end = Number(offset) + Number(length);
  }
  const { biases, weights: factors } = weights.batchNorms;
  expect([biases.offset, factors.offset].map((offset) => offset % 64)).toEqual([0, 0]);
  expect([biases.offset - end < 64, factors.offset >= biases.offset + biases.bytes]).toEqual([true, true]);
  expect(factors.offset + factors.bytes).toBe(bytes.length);
});

test('after the initializers come the bias and weight of each batch norm, in the order of the convolutions', async () => {
  const { architecture, weights } = await tinyModel();
  const entries = randomNetwork(TINY_BOTTLENECK);

  const bytes = await readFile(join(folder, 'weights.bin'));
  for (const [stored, field] of [
    [weights.batchNorms.biases, 'bias'],
    [weights.batchNorms.weights, 'weight'],
  ] as const) {
    const expected = allConvolutions(architecture).flatMap(({ norm, shape }) => {
      const values = new Float32Array(shape[0]);
      entries.find(({ name }) => name === `${norm}.${field}`)?.fill(values);
      return [...values];
    });
    const found = new Float32Array(Uint8Array.from(bytes.subarray(stored.offset, stored.offset + stored.bytes)).buffer);
    expect([...found]).toEqual(expected);
  }
});

test('the inputs of every operator come before it, and every result is used', async () => {
  const { architecture, model } = await tinyModel();
  const { input = [], output = [], initializer = [], node = [] } = model.graph ?? {};

  const known = new Set([...input, ...initializer].map(({ name }) => name));
  const used = new Set(output.map(({ name }) => name));
  for (const one of node) {
    for (const name of one.input) {
      expect([name, known.has(name)]).toEqual([name, true]);
      used.add(name);
    }
    for (const name of one.output) known.add(name);
  }
  expect([...known].filter((name) => !used.has(name))).toEqual([]);
  expect(node.filter(({ opType }) => opType === 'Conv')).toHaveLength(allConvolutions(architecture).length);
  expect(output.map(({ name }) => name)).toEqual(['logits', 'features']);
});

test('the graph of the largest network takes tens of kilobytes', async () => {
  const network = RELEASED_NETWORKS['resnext101_32x16d'];
  if (!network) throw new Error('no such fixture');
  const facts = randomNetwork(network).map(({ name, shape }) => [name, { shape, dtype: 'float32' as const }] as const);
  const architecture = readArchitecture(new Map(facts), 'memory');
  const tensors = new Map(
    allConvolutions(architecture).flatMap(({ name, shape }) =>
      (['weight', 'bias'] as const).map((part) => {
        const stored = {
          name: `${name}.${part}`,
          shape,
          type: 'float32' as const,
          offset: 777_000_000,
          bytes: 1_000_000,
        };
        return [stored.name, stored] as const;
      }),
    ),
  );

  expect(encodeModel(buildNetwork(architecture, tensors)).length).toBeLessThan(100_000);
});
