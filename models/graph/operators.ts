import type { Convolution } from './architecture.ts';
import { INPUT_OFFSET } from './input.ts';
import { TensorProto_DataType } from './onnx_pb.ts';
import { type Node, node } from './onnx-file.ts';

/** Axis order that turns rows of pixels into one plane per colour. */
export const IMAGE_PERMUTATION = [0, 3, 1, 2];

/**
 * Nodes that turn an image's bytes into planes of floats around zero. Transposing comes first,
 * while a pixel is still a byte: that moves a quarter of the memory.
 */
export const IMAGE_NODES: readonly Node[] = [
  node('Transpose', ['image'], 'image.planes', { perm: IMAGE_PERMUTATION }),
  node('Cast', ['image.planes'], 'image.float', { to: TensorProto_DataType.FLOAT }),
  node('Sub', ['image.float', INPUT_OFFSET], 'image.centred'),
];

/** Nodes from the last features to the logits, in float32. */
export const CLASSIFIER_NODES: readonly Node[] = [
  node('GlobalAveragePool', ['features'], 'avgpool'),
  node('Flatten', ['avgpool'], 'flatten', { axis: 1 }),
  node('Gemm', ['flatten', 'fc.weight', 'fc.bias'], 'logits', { transB: 1 }),
];

/** Attributes of the stem's pooling. */
export const MAX_POOL = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };

/** Attributes of a Conv node. */
export function convolutionAttributes({ shape, groups, stride, padding }: Convolution) {
  const [, , height, width] = shape;
  return {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    group: groups,
  };
}
