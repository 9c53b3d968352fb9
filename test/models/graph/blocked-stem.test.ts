import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { convertCheckpoint } from '../../../models/convert.ts';
import { blockedAttributes, blockedShape, blockWeights } from '../../../models/graph/blocked-stem.ts';
import {
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
} from '../../../models/graph/onnx_pb.ts';
import { node } from '../../../models/graph/onnx-file.ts';
import { quantizeStem } from '../../../models/graph/quantize-weights.ts';
import { openFloatPackage } from '../../../models/package/read-float-package.ts';
import { quantizePackage } from '../../../models/quantize.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { writeLegacyCheckpoint } from '../checkpoint/write-legacy.ts';
import { randomNetwork, TINY_BOTTLENECK } from './random-network.ts';

const IMAGE_BYTES = 224 * 224 * 3;
/** Each package is compared with its fp32 one on a hundred pictures, which are first drawn. */
const TIMEOUT_MS = 120_000;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blocked-stem-'));
});

afterAll(() => rm(folder, { recursive: true }));

test('the stem of a ResNet becomes 4x4 with stride 1 on 12 channels', () => {
  const stem = { shape: [64, 3, 7, 7], padding: 3 } as const;

  expect(blockedShape(stem)).toEqual([64, 12, 4, 4]);
  expect(blockedAttributes(stem)).toEqual({ kernel_shape: [4, 4], strides: [1, 1], pads: [2, 2, 1, 1], group: 1 });
});

test('every sum stays the same whole number, also where the kernel overlaps the padding', () => {
  const cases = fc.record({ side: fc.integer({ min: 1, max: 5 }) }).chain(({ side }) =>
    fc.record({
      side: fc.constant(2 * side),
      weights: fc.int8Array({ minLength: 2 * 3 * 49, maxLength: 2 * 3 * 49, min: -64, max: 64 }),
      pixels: fc.uint8Array({ minLength: 12 * side ** 2, maxLength: 12 * side ** 2 }),
    }),
  );
  const stem = { shape: [2, 3, 7, 7], padding: 3 } as const;

  fc.assert(
    fc.property(cases, ({ side, weights, pixels }) => {
      const plain = { shape: stem.shape, stride: 2, pads: [3, 3] as const };
      const { pads } = blockedAttributes(stem);
      const blocked = { shape: blockedShape(stem), stride: 1, pads: [pads[0] ?? 0, pads[1] ?? 0] as const };
      const inPlane = (channel: number, row: number, column: number) =>
        pixels[channel * side ** 2 + row * side + column] ?? Number.NaN;
      const inBlock = (channel: number, row: number, column: number) =>
        inPlane(channel % 3, 2 * row + Math.floor(channel / 6), 2 * column + (Math.floor(channel / 3) % 2));

      expect(sums(blockWeights(weights, stem), blocked, side / 2, inBlock, side / 2)).toEqual(
        sums(weights, plain, side, inPlane, side / 2),
      );
    }),
    { seed: 7, numRuns: 100 },
  );
});

test.each([
  ['a random ResNeXt', randomPackage],
  ['the sample model', () => ensureSamplePackage(folder)],
])(
  '%s gives the same logits, to the bit, as with the 7x7 convolution on 3 channels',
  async (_, make) => {
    const float = await make();
    const int8 = `${float}.int8`;
    await quantizePackage({ package: float, out: int8 });
    const model = fromBinary(ModelProtoSchema, await readFile(join(int8, 'model.onnx')));
    const plain = join(int8, 'plain.onnx');
    await writeFile(plain, toBinary(ModelProtoSchema, await withPlainStem(model, float)));

    const images = testImages();
    const found = await logitsOf(join(int8, 'model.onnx'), images);
    const expected = await logitsOf(plain, images);

    expect(new Set(expected).size).toBeGreaterThan(images.length);
    expect(found).toEqual(expected);
  },
  TIMEOUT_MS,
);

interface Kernel {
  /** [outputs, channels, height, width] */
  readonly shape: readonly [number, number, number, number];
  readonly stride: number;
  /** Zeros above and on the left. */
  readonly pads: readonly [number, number];
}

/** Computes a convolution's output, [outputs, outSide, outSide], as whole numbers. */
function sums(
  weights: Int8Array,
  { shape, stride, pads }: Kernel,
  side: number,
  pixel: (channel: number, row: number, column: number) => number,
  outSide: number,
): number[] {
  const [outputs, channels, height, width] = shape;
  const results: number[] = [];
  for (let at = 0; at < outputs * outSide ** 2; at += 1) {
    const [output, top, left] = [
      Math.floor(at / outSide ** 2),
      (Math.floor(at / outSide) % outSide) * stride - pads[0],
      (at % outSide) * stride - pads[1],
    ];
    let sum = 0;
    for (let index = 0; index < channels * height * width; index += 1) {
      const row = top + (Math.floor(index / width) % height);
      const column = left + (index % width);
      if (row < 0 || column < 0 || row >= side || column >= side) continue;
      const weight = weights[output * channels * height * width + index] ?? Number.NaN;
      sum += weight * pixel(Math.floor(index / (width * height)), row, column);
    }
    results.push(sum);
  }
  return results;
}

async function randomPackage(): Promise<string> {
  const checkpoint = join(folder, 'random.pth');
  await writeLegacyCheckpoint(checkpoint, randomNetwork(TINY_BOTTLENECK));
  const out = join(folder, 'random');
  await convertCheckpoint({ checkpoint, out });
  return out;
}

/** Replaces the stem by the convolution that the network defines, from its fp32 package. */
async function withPlainStem(model: ModelProto, packageDir: string): Promise<ModelProto> {
  const { graph } = model;
  if (graph === undefined) throw new TypeError('the model has no graph');
  const float = await openFloatPackage(packageDir);
  const { name, shape } = float.architecture.stem;
  const [weights, biases, offsets] = await Promise.all(
    [`${name}.weight`, `${name}.bias`, 'image.offset'].map((tensor) => float.readFloats(tensor)),
  );
  await float.close();
  const { values } = quantizeStem(weights as Float32Array, biases as Float32Array, offsets as Float32Array);

  const [depth] = graph.node.filter(({ opType }) => opType === 'SpaceToDepth');
  const blocks = depth?.output[0] ?? '';
  graph.node = graph.node
    .filter((one) => one !== depth && one.opType !== 'Transpose')
    .map((one) => {
      if (one.name !== `${name}.sums`) return one;
      const attributes = { kernel_shape: [7, 7], strides: [2, 2], pads: [3, 3, 3, 3], group: 1 };
      return create(NodeProtoSchema, node('Conv', one.input, one.name, attributes));
    });
  graph.node.unshift(create(NodeProtoSchema, node('Transpose', ['image'], blocks, { perm: [0, 3, 1, 2] })));
  for (const tensor of graph.initializer.filter((one) => one.name === `${name}.weight`)) {
    Object.assign(tensor, { dims: shape.map(BigInt), rawData: new Uint8Array(values.buffer), externalData: [] });
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
  }
  return model;
}

/** Returns noise, and images with hard edges at the borders: flat, striped, dotted. */
function testImages(): Uint8Array[] {
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  };
  const fill = (value: (at: number) => number) => Uint8Array.from({ length: IMAGE_BYTES }, (_, at) => value(at));
  const column = (at: number) => Math.floor(at / 3) % 224;
  return [
    ...[1, 2, 3, 4].map(() => fill(noise)),
    fill(() => 0),
    fill(() => 255),
    fill((at) => (column(at) % 2 === 0 ? 255 : 0)),
    fill((at) => (Math.floor(at / 672) % 2 === 0 ? 255 : 0)),
    fill((at) => (at % 13 === 0 ? 255 : at % 3)),
  ];
}

/** Runs all images alone and then as one batch. */
async function logitsOf(graph: string, images: readonly Uint8Array[]): Promise<number[]> {
  const session = await InferenceSession.create(graph, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const found: number[] = [];
  for (const batch of [...images.map((image) => [image]), images]) {
    const image = new Tensor('uint8', new Uint8Array(Buffer.concat(batch)), [batch.length, 224, 224, 3]);
    const outputs = await session.run({ image }, ['logits']);
    const { data } = outputs['logits'] as Tensor;
    found.push(...(data as Float32Array));
  }
  await session.release();
  return found;
}
