import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { activationNames } from '../../../models/graph/activations.ts';
import { allConvolutions } from '../../../models/graph/architecture.ts';
import { ModelProtoSchema, TensorProto_DataType } from '../../../models/graph/onnx_pb.ts';
import { encodeModel, toStoredTensor } from '../../../models/graph/onnx-file.ts';
import { buildQuantizedNetwork } from '../../../models/graph/quantize.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import { writeQuantizedWeights } from '../../../models/graph/write-quantized-weights.ts';
import { memoryCheckpoint, type NetworkShape, randomNetwork, TINY_BASIC, TINY_BOTTLENECK } from './random-network.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantize-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function quantized(shape: NetworkShape) {
  const checkpoint = memoryCheckpoint(randomNetwork(shape));
  const architecture = readArchitecture(checkpoint.tensors, checkpoint.path);
  const read = async (name: string): Promise<Float32Array> => {
    const { shape: dims = [name === 'image.offset' ? 3 : 0] } = checkpoint.tensors.get(name) ?? {};
    const length = dims.length > 0 ? dims.reduce((product, size) => product * size, 1) : 0;
    // A folded convolution has a bias that the checkpoint does not have.
    const outputs = checkpoint.tensors.get(name.replace('.bias', '.weight'))?.shape[0] ?? 0;
    return Float32Array.from(
      { length: length || outputs },
      (_, index) => Math.sin(index + name.length) * 10 ** (index % 4),
    );
  };
  const names = activationNames(architecture);
  const activations = new Map(names.map((name, at) => [name, { scale: 0.1 + at / 100, zeroPoint: 3 }] as const));
  const { tensors, file } = await writeQuantizedWeights(folder, architecture, read, activations);
  const model = fromBinary(ModelProtoSchema, encodeModel(buildQuantizedNetwork(architecture, tensors, activations)));
  return { architecture, model, file };
}

test.each([
  ['basic blocks', TINY_BASIC],
  ['bottlenecks with groups', TINY_BOTTLENECK],
])(
  '%s: every operator is of the ONNX standard and fed by what stands before it, and everything is needed',
  async (_, shape) => {
    const { architecture, model } = await quantized(shape);
    const { input = [], output = [], initializer = [], node = [] } = model.graph ?? {};

    const known = new Set([...input, ...initializer].map(({ name }) => name));
    const used = new Set(output.map(({ name }) => name));
    for (const one of node) {
      expect([one.opType, one.domain]).toEqual([one.opType, '']);
      for (const name of one.input) {
        expect([name, known.has(name)]).toEqual([name, true]);
        used.add(name);
      }
      for (const name of one.output) known.add(name);
    }
    expect([...known].filter((name) => !used.has(name))).toEqual([]);
    expect(output.map(({ name }) => name)).toEqual(['logits', 'features']);
    const count = (opType: string) => node.filter((one) => one.opType === opType).length;
    expect(count('Conv')).toBe(allConvolutions(architecture).length);
    expect(count('Relu')).toBe(0);
    expect(count('QuantizeLinear')).toBe(activationNames(architecture).length);
    expect(node.at(-1)).toMatchObject({ opType: 'Gemm', output: ['logits'] });
  },
);

test('weights.bin has no scales of activations: opening a session would read each of them from the file several times', async () => {
  const { architecture, model } = await quantized(TINY_BOTTLENECK);
  const { initializer = [], node = [] } = model.graph ?? {};

  expect(initializer.filter(({ dims }) => dims.length === 0)).toEqual([]);
  // One scale and one zero point for the image and for each activation.
  expect(node.filter(({ opType }) => opType === 'Constant')).toHaveLength(2 + 2 * activationNames(architecture).length);
});

test('no quantized weight on disk exceeds 64 in magnitude, and weights are int8, biases int32', async () => {
  const { model, file } = await quantized(TINY_BOTTLENECK);
  const bytes = await readFile(join(folder, 'weights.bin'));
  expect(bytes.length).toBe(file.bytes);

  const initializers = model.graph?.initializer ?? [];
  const weights = initializers.filter(({ dataType }) => dataType === TensorProto_DataType.INT8);
  const layers = initializers.filter(({ name }) => /(conv\d|downsample\.0|fc)\.weight$/.test(name));
  expect(layers.every(({ dataType }) => dataType === TensorProto_DataType.INT8)).toBe(true);
  for (const tensor of weights) {
    const { offset, bytes: length } = toStoredTensor(tensor);
    const largest = new Int8Array(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer).reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      0,
    );
    expect([tensor.name, largest]).toEqual([tensor.name, tensor.name.endsWith('zero-point') ? 0 : 64]);
  }
  const biases = initializers.filter(({ name }) => /(conv\d|downsample\.0|fc)\.bias$/.test(name));
  expect(biases.map(({ dataType }) => dataType)).toEqual(layers.map(() => TensorProto_DataType.INT32));
});
