import { UnsupportedNetworkError } from '../checkpoint/errors.ts';
import { commonPrefix } from '../checkpoint/name-prefix.ts';
import { quote } from '../checkpoint/pickle-values.ts';
import type { Architecture, Block, BlockKind, Convolution, TensorFacts } from './architecture.ts';
import { nameArchitecture } from './architecture-name.ts';
import { TensorCheck } from './tensor-check.ts';

const STAGES = [1, 2, 3, 4] as const;

/**
 * Width and height of the output of the stem's convolution and of the four stages, for an image of
 * 224 x 224.
 */
const STEM_SIDE = 112;
const STAGE_SIDES = [56, 28, 14, 7] as const;

/**
 * Five times the largest output of ResNeXt-101 32x48d. A small file can demand wide layers, and
 * running them would take gigabytes.
 */
const MAX_OUTPUT_ELEMENTS = 24_000_000;

/**
 * The convolutions of a block in torchvision's order. The 3x3 convolution has the stride of the
 * stage.
 */
const BLOCK_CONVOLUTIONS = {
  basic: [
    { name: 'conv1', norm: 'bn1', kernel: 3, strided: true, grouped: false },
    { name: 'conv2', norm: 'bn2', kernel: 3, strided: false, grouped: false },
  ],
  bottleneck: [
    { name: 'conv1', norm: 'bn1', kernel: 1, strided: false, grouped: false },
    { name: 'conv2', norm: 'bn2', kernel: 3, strided: true, grouped: true },
    { name: 'conv3', norm: 'bn3', kernel: 1, strided: false, grouped: false },
  ],
} as const;

/**
 * Derives the network from the names and shapes of its tensors alone; no tensor is read.
 * @param path the checkpoint, to be named in the error
 * @throws {UnsupportedNetworkError} listing everything that is missing, has the wrong shape or
 *   belongs to another network
 * @example
 * readArchitecture(checkpoint.tensors, checkpoint.path).name // 'resnext101_32x8d'
 */
export function readArchitecture(tensors: ReadonlyMap<string, TensorFacts>, path: string): Architecture {
  const check = new TensorCheck(tensors);
  const kind = [...tensors.keys()].some((name) => /^layer\d+\.\d+\.conv3\.weight$/.test(name)) ? 'bottleneck' : 'basic';
  const stem = check.convolution({ name: 'conv1', norm: 'bn1', kernel: 7, stride: 2, input: 3, grouped: false });
  const stages: Block[][] = [];
  let channels = stem?.shape[0];
  for (const stage of STAGES) {
    const read = readStage(check, kind, stage, channels);
    stages.push(read.blocks);
    channels = read.channels;
  }
  const classifier = check.classifier('fc', channels);
  const sides = stem ? outputSides({ stem, stages }) : [];
  requireOneGrouping(check, stages);
  requireRunnable(check, sides);
  check.requireNothingElse();
  if (!stem || !classifier || check.problems.length > 0) {
    throw new UnsupportedNetworkError(
      `${path} is not a ResNet or ResNeXt as torchvision defines them: ${check.describe()}.${describePrefix(tensors)} Only such networks can be converted.`,
    );
  }
  const [classes, features] = classifier;
  return {
    name: nameArchitecture(kind, stem, stages),
    kind,
    stem,
    stages,
    features,
    classes,
    ...countCost(sides, features, classes),
  };
}

/** Names a prefix that all tensors have, because it may be why none of the names is right. */
function describePrefix(tensors: ReadonlyMap<string, TensorFacts>): string {
  const prefix = tensors.size > 1 ? commonPrefix(tensors.keys()) : '';
  if (prefix === '' || /^(conv1|bn1|layer\d+|fc)\./.test(prefix)) return '';
  return ` All names begin with ${quote(prefix)}; if the network's own names follow it, give --prefix ${quote(prefix)}.`;
}

interface StageRead {
  readonly blocks: Block[];
  /** Channels of its output, or undefined when its tensors are too wrong to tell. */
  readonly channels: number | undefined;
}

function readStage(check: TensorCheck, kind: BlockKind, stage: number, input: number | undefined): StageRead {
  const blocks: Block[] = [];
  const count = check.countBlocks(`layer${stage}`);
  let channels = input;
  for (let index = 0; index < count; index += 1) {
    const stride = stage > 1 && index === 0 ? 2 : 1;
    const read = readBlock(check, kind, `layer${stage}.${index}`, { stride, input: channels, isFirst: index === 0 });
    if (read.block) blocks.push(read.block);
    channels = read.channels;
  }
  return { blocks, channels };
}

interface BlockPlace {
  readonly stride: 1 | 2;
  readonly input: number | undefined;
  /** Whether it is the first block of its stage, the only one that may have a projection. */
  readonly isFirst: boolean;
}

function readBlock(check: TensorCheck, kind: BlockKind, name: string, { stride, input, isFirst }: BlockPlace) {
  const convolutions: Convolution[] = [];
  let channels = input;
  for (const each of BLOCK_CONVOLUTIONS[kind]) {
    const convolution = check.convolution({
      name: `${name}.${each.name}`,
      norm: `${name}.${each.norm}`,
      kernel: each.kernel,
      stride: each.strided ? stride : 1,
      grouped: each.grouped,
      input: channels,
    });
    if (convolution) convolutions.push(convolution);
    channels = convolution?.shape[0];
  }
  const isComplete = convolutions.length === BLOCK_CONVOLUTIONS[kind].length;
  const needsProjection = stride !== 1 || (input !== undefined && channels !== undefined && input !== channels);
  const hasProjection = isFirst && check.has(`${name}.downsample.0.weight`);
  const projection =
    hasProjection || (isFirst && needsProjection)
      ? check.convolution({
          name: `${name}.downsample.0`,
          norm: `${name}.downsample.1`,
          kernel: 1,
          stride,
          grouped: false,
          input,
          output: channels,
        })
      : null;
  if (!isFirst && needsProjection) {
    check.problems.push(
      `${name} has ${input} input channels and ${channels} output channels, expected the same number`,
    );
  }
  return { block: isComplete && projection !== undefined ? { name, convolutions, projection } : null, channels };
}

/** Checks that all bottlenecks have the same number of groups, as in torchvision. */
function requireOneGrouping(check: TensorCheck, stages: readonly (readonly Block[])[]): void {
  const grouped = stages
    .flat()
    .flatMap(({ convolutions }) => convolutions.filter(({ name }) => name.endsWith('conv2')));
  const [first] = grouped;
  for (const { name, groups } of grouped) {
    if (first && groups !== first.groups) {
      check.problems.push(`${name}.weight has ${groups} groups, but ${first.name}.weight has ${first.groups}`);
    }
  }
}

/** Returns every convolution with the width of its output in pixels, for an image of 224 x 224. */
function outputSides({ stem, stages }: Pick<Architecture, 'stem' | 'stages'>): [Convolution, number][] {
  const sides: [Convolution, number][] = [[stem, STEM_SIDE]];
  for (const [index, blocks] of stages.entries()) {
    const side = STAGE_SIDES[index] ?? 0;
    for (const { convolutions, projection } of blocks) {
      const strided = convolutions.findIndex(({ stride }) => stride === 2);
      // A convolution before the strided one of a stage still has the larger output of the previous
      // stage.
      for (const [place, one] of convolutions.entries()) sides.push([one, place < strided ? 2 * side : side]);
      if (projection) sides.push([projection, side]);
    }
  }
  return sides;
}

function requireRunnable(check: TensorCheck, sides: readonly [Convolution, number][]): void {
  for (const [{ name, shape }, side] of sides) {
    if (shape[0] * side ** 2 > MAX_OUTPUT_ELEMENTS) {
      check.problems.push(
        `${name} has an output of ${shape[0]} channels of ${side} x ${side} pixels, together ${shape[0] * side ** 2} values; the limit is ${MAX_OUTPUT_ELEMENTS}`,
      );
    }
  }
}

function countCost(sides: readonly [Convolution, number][], features: number, classes: number) {
  let parameters = (features + 1) * classes;
  let macs = features * classes;
  for (const [convolution, side] of sides) {
    parameters += size(convolution) + 2 * convolution.shape[0];
    macs += side ** 2 * size(convolution);
  }
  return { parameters, macs };
}

/**
 * Returns the number of a convolution's weights, which is also the number of multiply-accumulates
 * for one pixel of its output.
 */
function size({ shape }: Convolution): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
