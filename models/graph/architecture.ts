import type { CheckpointTensor } from '../checkpoint/checkpoint.ts';

/** What is known of a tensor before it is read. */
export type TensorFacts = Pick<CheckpointTensor, 'dtype' | 'shape'>;

/** A convolution without bias and the batch norm behind it, by the names of their tensors. */
export interface Convolution {
  /** The module's name: `layer1.0.conv1`. Its weights are `<name>.weight`. */
  readonly name: string;
  /**
   * The batch norm's name: `layer1.0.bn1`, with `.weight`, `.bias`, `.running_mean` and
   * `.running_var`.
   */
  readonly norm: string;
  /** [out, in / groups, height, width]. */
  readonly shape: readonly [number, number, number, number];
  readonly groups: number;
  readonly stride: 1 | 2;
  /** Zeros on each side. */
  readonly padding: number;
}

/** A residual block: its convolutions in order, and what the shortcut goes through, if anything. */
export interface Block {
  /** `layer1.0` */
  readonly name: string;
  readonly convolutions: readonly Convolution[];
  readonly projection: Convolution | null;
}

/** A ResNet or ResNeXt as torchvision defines them, at any depth and width. */
export interface Architecture {
  /**
   * torchvision's name at full width (`resnet50`, `resnext101_32x8d`), else `resnet` or, with
   * groups, `resnext`.
   */
  readonly name: string;
  readonly kind: BlockKind;
  readonly stem: Convolution;
  /** layer1 to layer4. */
  readonly stages: readonly (readonly Block[])[];
  /** Channels of the last convolution. */
  readonly features: number;
  readonly classes: number;
  /** Trainable ones: running statistics do not count. */
  readonly parameters: number;
  /**
   * Multiply-accumulates of one 224 x 224 image in convolutions and the last layer, as timm counts.
   */
  readonly macs: number;
}

export type BlockKind = 'basic' | 'bottleneck';

/** All convolutions, in the order of computation; a block's projection comes last in it. */
export function allConvolutions({ stem, stages }: Pick<Architecture, 'stem' | 'stages'>): Convolution[] {
  const inBlocks = stages.flat().flatMap(({ convolutions, projection }) => [...convolutions, projection ?? []].flat());
  return [stem, ...inBlocks];
}
