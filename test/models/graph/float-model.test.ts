import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFloatModel, encodeFloatModel, type FloatModel } from '../../../models/graph/float-model.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import { writeWeights } from '../../../models/graph/write-weights.ts';
import { memoryCheckpoint, type NetworkShape, randomNetwork, TINY_BASIC, TINY_BOTTLENECK } from './random-network.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'float-model-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function floatModel(shape: NetworkShape): Promise<FloatModel> {
  const checkpoint = memoryCheckpoint(randomNetwork(shape));
  const architecture = readArchitecture(checkpoint.tensors, checkpoint.path);
  const { tensors, batchNorms } = await writeWeights(folder, checkpoint, architecture);
  return { architecture, tensors, batchNorms };
}

test.each([
  ['basic blocks', TINY_BASIC],
  ['bottlenecks with groups', TINY_BOTTLENECK],
])('a model of %s reads back as it was written', async (_, shape) => {
  const model = await floatModel(shape);

  expect(decodeFloatModel(encodeFloatModel(model))).toEqual(model);
});

test('a model whose nodes do not match its weights is an error', async () => {
  const bytes = Buffer.from(encodeFloatModel(await floatModel(TINY_BASIC)));
  const relu = bytes.indexOf('Relu');
  bytes.write('Tanh', relu);

  expect(() => decodeFloatModel(bytes)).toThrow('its nodes do not match its weights');
});

test.each([
  ['no protobuf', Buffer.from('not a model')],
  ['an empty model', Buffer.alloc(0)],
])('%s is refused', (_, bytes) => {
  expect(() => decodeFloatModel(bytes)).toThrow();
});
