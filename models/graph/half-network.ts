import type { Architecture } from './architecture.ts';
import { graphOf } from './interface.ts';
import { convolutionNodes } from './network.ts';
import { TensorProto_DataType } from './onnx_pb.ts';
import { type Graph, type Node, node } from './onnx-file.ts';
import { CLASSIFIER_NODES, IMAGE_NODES } from './operators.ts';
import type { StoredTensor } from './weights-file.ts';

/** Name of the initializer that holds IMAGE_SCALE. */
export const INPUT_SCALE = 'image.scale';

/**
 * Nodes that turn an image's bytes into normalised planes in half precision, `image.half`. A node
 * of its own divides, in float32: folded into the stem's weights, the division would make them too
 * small for half precision.
 */
export const HALF_IMAGE_NODES: readonly Node[] = [
  ...IMAGE_NODES,
  node('Mul', ['image.centred', INPUT_SCALE], 'image.normal'),
  node('Cast', ['image.normal'], 'image.half', { to: TensorProto_DataType.FLOAT16 }),
];

/**
 * Builds the network with its convolutions in half precision, for any provider. The fully connected
 * layer, 1/400 of the work, stays in float32: in half precision, logits of 16 and above that differ
 * by less than 0.016 would become equal.
 * @param tensors what writeHalfWeights stored
 */
export function buildHalfNetwork(architecture: Architecture, tensors: ReadonlyMap<string, StoredTensor>): Graph {
  const nodes: Node[] = [
    ...HALF_IMAGE_NODES,
    ...convolutionNodes(architecture, 'image.half', 'features.half'),
    node('Cast', ['features.half'], 'features', { to: TensorProto_DataType.FLOAT }),
    ...CLASSIFIER_NODES,
  ];
  return graphOf(architecture, nodes, tensors);
}
