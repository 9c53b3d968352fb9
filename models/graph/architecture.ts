import type { CheckpointTensor } from '../checkpoint/checkpoint.ts';

/** What is known about a tensor before it is read. */
export type TensorFacts = Pick<CheckpointTensor, 'dtype' | 'shape'>;

/** A convolution without bias and the batch norm that follows it, by the names of their tensors. */
export interface Convolution {
  /** The module's name: `layer1.0.conv1`. Its weights are `<name>.weight`. */
  readonly name: string;
  /**
   * The batch norm's name: `layer1.0.bn1`, with `.weight`, `.bias`, `.running_mean` and
   * `.running_var`.
   */
  readonly norm: string;
  /** [out, in / groups, height, width] */
  readonly shape: readonly [number, number, number, number];
  readonly groups: number;
  readonly stride: 1 | 2;
  /** Number of zeros on each side. */
  readonly padding: number;
}

/**
 * A residual block: its convolutions in order, and the convolution on its shortcut, if there is
 * one.
 */
export interface Block {
  /** The block's name: `layer1.0`. */
  readonly name: string;
  readonly convolutions: readonly Convolution[];
  readonly projection: Convolution | null;
}

/** A ResNet or ResNeXt as torchvision defines them, at any depth and width. */
export interface Architecture {
  /**
   * torchvision's name if the widths are torchvision's (`resnet50`, `resnext101_32x8d`); otherwise
   * `resnext` with groups and `resnet` without.
   */
  readonly name: string;
  readonly kind: BlockKind;
  readonly stem: Convolution;
  /** The stages layer1 to layer4. */
  readonly stages: readonly (readonly Block[])[];
  /** Channels of the last convolution. */
  readonly features: number;
  readonly classes: number;
  /** Number of trainable parameters, without running statistics. */
  readonly parameters: number;
  /**
   * Multiply-accumulates for one 224 x 224 image in convolutions and the last layer, as timm counts
   * them.
   */
  readonly macs: number;
}

export type BlockKind = 'basic' | 'bottleneck';

/**
 * Returns all convolutions in the order of computation; within a block the projection comes last.
 */
export function allConvolutions({ stem, stages }: Pick<Architecture, 'stem' | 'stages'>): Convolution[] {
  const inBlocks = stages.flat().flatMap(({ convolutions, projection }) => [...convolutions, projection ?? []].flat());
  return [stem, ...inBlocks];
}
