import { UnsupportedNetworkError } from '../../../models/checkpoint/errors.ts';
import type { TensorFacts } from '../../../models/graph/architecture.ts';
import { readArchitecture } from '../../../models/graph/read-architecture.ts';
import { ZOO } from '../../../models/zoo/zoo.ts';
import { type NetworkShape, RELEASED_NETWORKS, randomNetwork, TINY_BASIC, TINY_BOTTLENECK } from './random-network.ts';

const PATH = 'some/checkpoint.pth';

function tensorsOf(shape: NetworkShape): Map<string, TensorFacts> {
  return new Map(randomNetwork(shape).map(({ name, shape }) => [name, { shape, dtype: 'float32' }]));
}

/** Returns the error's message for a network whose tensors were changed. */
function refusal(shape: NetworkShape, change: (tensors: Map<string, TensorFacts>) => void): string {
  const tensors = tensorsOf(shape);
  change(tensors);
  try {
    readArchitecture(tensors, PATH);
  } catch (error) {
    if (error instanceof UnsupportedNetworkError) return error.message;
    throw error;
  }
  return 'accepted';
}

const float = (...shape: number[]): TensorFacts => ({ shape, dtype: 'float32' });

describe('networks that torchvision names', () => {
  test.each(Object.entries(RELEASED_NETWORKS))('%s at full width', (name, network) => {
    const architecture = readArchitecture(tensorsOf(network), PATH);

    const zoo = ZOO.find((model) => model.architecture === name);
    expect(architecture).toMatchObject({ name, parameters: network.parameters, macs: zoo?.macs, classes: 1000 });
    expect(architecture.features).toBe(name === 'resnet18' ? 512 : 2048);
  });

  // The numbers of parameters are from torchvision's documentation.
  test.each<[string, NetworkShape, number]>([
    ['resnet34', { kind: 'basic', depth: [3, 4, 6, 3] }, 21_797_672],
    ['resnet101', { kind: 'bottleneck', depth: [3, 4, 23, 3] }, 44_549_160],
    ['resnet152', { kind: 'bottleneck', depth: [3, 8, 36, 3] }, 60_192_808],
  ])('%s', (name, network, parameters) => {
    expect(readArchitecture(tensorsOf(network), PATH)).toMatchObject({ name, parameters });
  });

  test('the number of classes does not change the name', () => {
    expect(readArchitecture(tensorsOf({ kind: 'basic', depth: [2, 2, 2, 2], classes: 37 }), PATH)).toMatchObject({
      name: 'resnet18',
      classes: 37,
    });
  });
});

describe('networks without a name', () => {
  test.each<[string, NetworkShape]>([
    ['a narrow ResNet-18', { kind: 'basic', depth: [2, 2, 2, 2], stem: 16 }],
    ['another depth', { kind: 'basic', depth: [2, 2, 2, 1] }],
    ['a wide ResNet-50', { kind: 'bottleneck', depth: [3, 4, 6, 3], widthPerGroup: 128 }],
  ])('%s is a resnet', (_, network) => {
    expect(readArchitecture(tensorsOf(network), PATH).name).toBe('resnet');
  });

  test('groups make it a resnext, of any depth and width', () => {
    const architecture = readArchitecture(tensorsOf({ ...TINY_BOTTLENECK, depth: [1, 3, 2, 4], groups: 4 }), PATH);

    expect(architecture).toMatchObject({ name: 'resnext', kind: 'bottleneck', classes: 5, features: 128 });
    expect(architecture.stages.map((blocks) => blocks.length)).toEqual([1, 3, 2, 4]);
    expect(architecture.stages.flat().map(({ convolutions }) => convolutions[1]?.groups)).toEqual(Array(10).fill(4));
  });

  test('the 3x3 convolution has the stride of a stage, and the shortcut has a projection where its shape changes', () => {
    const { stages } = readArchitecture(tensorsOf(TINY_BASIC), PATH);

    expect(stages.map(([block]) => block?.projection?.stride ?? null)).toEqual([null, 2, 2, 2]);
    const bottleneck = readArchitecture(tensorsOf(TINY_BOTTLENECK), PATH).stages[1]?.[0];
    expect(bottleneck?.convolutions.map(({ stride, padding }) => [stride, padding])).toEqual([
      [1, 0],
      [2, 1],
      [1, 0],
    ]);
  });
});

describe('what is ignored', () => {
  test.each<[string, TensorFacts]>([
    ['bn1.num_batches_tracked', { shape: [], dtype: 'int64' }],
    ['n_averaged', { shape: [], dtype: 'int64' }],
    ['optimizer.state.0.step', float()],
    ['optimizer.state.0.momentum_buffer', float(64, 3, 7, 7)],
    ['layer1.0.conv1.weight.exp_avg', float(4, 4, 3, 3)],
  ])('%s cannot change what the network computes', (name, facts) => {
    expect(refusal(TINY_BASIC, (tensors) => tensors.set(name, facts))).toBe('accepted');
  });
});

describe('what is refused, by name', () => {
  test.each([
    'conv1.weight',
    'bn1.running_var',
    'layer1.0.conv2.weight',
    'layer2.0.downsample.0.weight',
    'layer2.0.downsample.1.bias',
    'layer4.0.bn2.running_mean',
    'fc.weight',
    'fc.bias',
  ])('%s missing', (name) => {
    expect(refusal(TINY_BASIC, (tensors) => tensors.delete(name))).toContain(`${PATH} is not a ResNet`);
    expect(refusal(TINY_BASIC, (tensors) => tensors.delete(name))).toContain(`${name} is missing`);
  });

  test('a missing stage', () => {
    const message = refusal(TINY_BASIC, (tensors) => {
      for (const name of [...tensors.keys()]) if (name.startsWith('layer3.')) tensors.delete(name);
    });

    expect(message).toContain('layer3 is missing');
  });

  test.each<[string, TensorFacts]>([
    ['layer1.0.se.fc1.weight', float(1, 4, 1, 1)],
    ['layer1.0.bn3.weight', float(4)],
    ['layer1.0.conv1.bias', float(4)],
    ['layer5.0.conv1.weight', float(4, 4, 3, 3)],
    ['layer1.7.conv1.weight', float(4, 4, 3, 3)],
    ['conv1.0.weight', float(4, 3, 3, 3)],
    ['layer1.0.downsample.2.weight', float(4)],
    ['layer1.0.attn.scale', float()],
    ['fc.1.weight', float(5, 32)],
    ['cls_token', float(1, 1, 32)],
  ])('%s of another network', (name, facts) => {
    expect(refusal(TINY_BASIC, (tensors) => tensors.set(name, facts))).toContain(name);
  });

  test.each<[string, number[], string]>([
    ['conv1.weight', [4, 1, 7, 7], 'conv1.weight has the shape [4, 1, 7, 7], expected [out, 3, 7, 7]'],
    ['conv1.weight', [4, 3, 3, 3], 'expected [out, 3, 7, 7]'],
    ['conv1.weight', [4, 3], 'conv1.weight has the shape [4, 3]'],
    ['conv1.weight', [0, 3, 7, 7], 'conv1.weight has the shape [0, 3, 7, 7]'],
    ['conv1.weight', [2 ** 40, 3, 7, 7], 'conv1.weight has the shape [1099511627776, 3, 7, 7]'],
    ['bn1.running_mean', [5], 'bn1.running_mean has the shape [5], expected [4]'],
    [
      'layer1.0.conv1.weight',
      [4, 2, 3, 3],
      'layer1.0.conv1.weight has the shape [4, 2, 3, 3], expected [out, 4, 3, 3]',
    ],
    ['layer1.0.conv2.weight', [6, 4, 3, 3], 'layer1.0.downsample.0.weight is missing'],
    ['layer2.0.downsample.0.weight', [9, 4, 1, 1], 'expected [8, 4, 1, 1]'],
    ['fc.weight', [5, 33], 'fc.weight has the shape [5, 33], expected [classes, 32]'],
    ['fc.weight', [2 ** 40, 32], 'at most 100000 classes'],
    ['fc.bias', [4], 'fc.bias has the shape [4], expected [5]'],
  ])('%s of shape %j', (name, shape, message) => {
    expect(refusal(TINY_BASIC, (tensors) => tensors.set(name, float(...shape)))).toContain(message);
  });

  test('groups that do not divide, or differ between blocks', () => {
    const conv2 = 'layer2.0.conv2.weight';
    expect(refusal(TINY_BOTTLENECK, (tensors) => tensors.set(conv2, float(8, 3, 3, 3)))).toContain(
      `${conv2} has the shape [8, 3, 3, 3], expected [out, 8 / groups, 3, 3]`,
    );
    expect(refusal(TINY_BOTTLENECK, (tensors) => tensors.set(conv2, float(8, 2, 3, 3)))).toContain(
      `${conv2} has 4 groups, but layer1.0.conv2.weight has 2`,
    );
  });

  test('a later block that changes the number of channels', () => {
    const message = refusal(TINY_BOTTLENECK, (tensors) => {
      tensors.set('layer1.1.conv3.weight', float(20, 4, 1, 1));
      for (const field of ['weight', 'bias', 'running_mean', 'running_var']) {
        tensors.set(`layer1.1.bn3.${field}`, float(20));
      }
    });

    expect(message).toContain('layer1.1 has 16 input channels and 20 output channels');
  });

  test('a small file whose run would take gigabytes', () => {
    const tensors = tensorsOf({ ...TINY_BASIC, stem: 4000 });

    expect(() => readArchitecture(tensors, PATH)).toThrow('conv1 has an output of 4000 channels of 112 x 112 pixels');
    expect(readArchitecture(tensorsOf({ ...TINY_BASIC, stem: 1900 }), PATH).features).toBe(15_200);
  });

  test('weights that are not floating-point numbers', () => {
    const message = refusal(TINY_BASIC, (tensors) =>
      tensors.set('layer1.0.conv1.weight', { shape: [4, 4, 3, 3], dtype: 'int8' }),
    );

    expect(message).toContain('layer1.0.conv1.weight has the type int8');
  });

  test('all problems at once', () => {
    const message = refusal(TINY_BASIC, (tensors) => {
      tensors.delete('fc.bias');
      tensors.set('layer1.0.se.fc1.weight', float(1, 4, 1, 1));
      tensors.set('bn1.bias', float(9));
    });

    expect(message).toContain('fc.bias is missing');
    expect(message).toContain('layer1.0.se.fc1.weight');
    expect(message).toContain('bn1.bias has the shape [9]');
  });

  test('of thousands of foreign tensors only a few are listed', () => {
    const foreign = Array.from({ length: 5000 }, (_, index) => [`block\n${index}.weight`, float(4, 4)] as const);

    const message = refusal(TINY_BASIC, (tensors) => {
      for (const [name, facts] of foreign) tensors.set(name, facts);
    });

    expect(message).toContain('and 4980 more');
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(3000);
  });
});
