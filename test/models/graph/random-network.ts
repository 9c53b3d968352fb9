import type { Checkpoint } from '../../../models/checkpoint/checkpoint.ts';
import type { CheckpointEntry } from '../checkpoint/tensor-nodes.ts';

/** The shape of a ResNet or ResNeXt, by torchvision's parameters. */
export interface NetworkShape {
  readonly kind: 'basic' | 'bottleneck';
  /** Number of blocks in each of the four stages. */
  readonly depth: readonly [number, number, number, number];
  /**
   * Channels of the stem; the stages have 1, 2, 4 and 8 times as many before expansion. Default 64.
   */
  readonly stem?: number;
  /** Number of groups. Default 1. */
  readonly groups?: number;
  /** Channels of a group in the first stage. Default: the stem's. */
  readonly widthPerGroup?: number;
  /** Number of classes. Default 1000. */
  readonly classes?: number;
}

/** The six networks that the twelve released models share, and what torchvision counts in them. */
export const RELEASED_NETWORKS: Readonly<Record<string, NetworkShape & { readonly parameters: number }>> = {
  resnet18: { kind: 'basic', depth: [2, 2, 2, 2], parameters: 11_689_512 },
  resnet50: { kind: 'bottleneck', depth: [3, 4, 6, 3], parameters: 25_557_032 },
  resnext50_32x4d: { ...resnext([3, 4, 6, 3], 4), parameters: 25_028_904 },
  resnext101_32x4d: { ...resnext([3, 4, 23, 3], 4), parameters: 44_177_704 },
  resnext101_32x8d: { ...resnext([3, 4, 23, 3], 8), parameters: 88_791_336 },
  resnext101_32x16d: { ...resnext([3, 4, 23, 3], 16), parameters: 194_026_792 },
};

/** The smallest network that has every feature: fast to convert and run. */
export const TINY_BASIC: NetworkShape = { kind: 'basic', depth: [1, 1, 1, 1], stem: 4, classes: 5 };
export const TINY_BOTTLENECK: NetworkShape = {
  kind: 'bottleneck',
  depth: [2, 1, 1, 1],
  stem: 4,
  groups: 2,
  widthPerGroup: 2,
  classes: 5,
};

/**
 * Returns the tensors of such a network in torchvision's order, without `num_batches_tracked`, as
 * in checkpoints of 2019. The convolutions have Kaiming's distribution, and the last batch norm of
 * each block is small, so that the signal neither vanishes nor explodes at any depth. Every tensor
 * has its own random sequence, so it is the same in any order of reading.
 */
export function randomNetwork(shape: NetworkShape, seed = 1): CheckpointEntry[] {
  const { kind, depth, stem = 64, groups = 1, widthPerGroup = stem, classes = 1000 } = shape;
  const entries: CheckpointEntry[] = [];
  const add = (name: string, dims: readonly number[], low: number, high: number) =>
    entries.push({ name, shape: dims, fill: uniform(seed + entries.length, low, high) });
  const convolution = (name: string, norm: string, dims: readonly [number, number, number, number], gain: number) => {
    const bound = Math.sqrt(6 / (dims[1] * dims[2] * dims[3]));
    add(`${name}.weight`, dims, -bound, bound);
    add(`${norm}.weight`, [dims[0]], 0.8 * gain, 1.2 * gain);
    add(`${norm}.bias`, [dims[0]], -0.1, 0.1);
    add(`${norm}.running_mean`, [dims[0]], -0.1, 0.1);
    add(`${norm}.running_var`, [dims[0]], 0.5, 1.5);
  };

  convolution('conv1', 'bn1', [stem, 3, 7, 7], 1);
  let input = stem;
  for (const [stage, count] of depth.entries()) {
    const planes = stem * 2 ** stage;
    const inner = kind === 'basic' ? planes : widthPerGroup * groups * 2 ** stage;
    const output = kind === 'basic' ? planes : planes * 4;
    for (let index = 0; index < count; index += 1) {
      const block = `layer${stage + 1}.${index}`;
      if (kind === 'basic') {
        convolution(`${block}.conv1`, `${block}.bn1`, [inner, input, 3, 3], 1);
        convolution(`${block}.conv2`, `${block}.bn2`, [output, inner, 3, 3], 0.3);
      } else {
        convolution(`${block}.conv1`, `${block}.bn1`, [inner, input, 1, 1], 1);
        convolution(`${block}.conv2`, `${block}.bn2`, [inner, inner / groups, 3, 3], 1);
        convolution(`${block}.conv3`, `${block}.bn3`, [output, inner, 1, 1], 0.3);
      }
      if (index === 0 && (stage > 0 || input !== output)) {
        convolution(`${block}.downsample.0`, `${block}.downsample.1`, [output, input, 1, 1], 0.7);
      }
      input = output;
    }
  }
  add('fc.weight', [classes, input], -0.1, 0.1);
  add('fc.bias', [classes], -0.1, 0.1);
  return entries;
}

/** Returns a checkpoint of those tensors that was never on disk. */
export function memoryCheckpoint(entries: readonly CheckpointEntry[]): Checkpoint {
  const tensors = entries.map(({ name, shape, fill }) => {
    const read = async () => {
      const elements = new Float32Array(shape.reduce((product, size) => product * size, 1));
      fill(elements);
      return elements;
    };
    return [name, { name, shape, dtype: 'float32', read }] as const;
  });
  return { path: 'memory.pth', format: 'torch-legacy', tensors: new Map(tensors), close: async () => {} };
}

function resnext(depth: readonly [number, number, number, number], widthPerGroup: number): NetworkShape {
  return { kind: 'bottleneck', depth, groups: 32, widthPerGroup };
}

/** Fills arrays by Marsaglia's xorshift32, which makes 200 million numbers in a second. */
function uniform(seed: number, low: number, high: number): (elements: Float32Array) => void {
  return (elements) => {
    let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
    for (let index = 0; index < elements.length; index += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      elements[index] = low + ((state >>> 0) / 2 ** 32) * (high - low);
    }
  };
}
