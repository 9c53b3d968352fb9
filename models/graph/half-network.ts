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
 * Builds the network with its convolutions in half precision. The image is normalised in float32 by
 * a node of its own: folded into the stem's weights, the division would make them too small for
 * half precision. The fully connected layer, 1/400 of the work, stays in float32: in half
 * precision, logits of 16 and above that differ by less than 0.016 would become equal.
 * @param tensors what writeHalfWeights stored
 */
export function buildHalfNetwork(architecture: Architecture, tensors: ReadonlyMap<string, StoredTensor>): Graph {
  const nodes: Node[] = [
    ...IMAGE_NODES,
    node('Mul', ['image.centred', INPUT_SCALE], 'image.normal'),
    node('Cast', ['image.normal'], 'image.half', { to: TensorProto_DataType.FLOAT16 }),
    ...convolutionNodes(architecture, 'image.half', 'features.half'),
    node('Cast', ['features.half'], 'features', { to: TensorProto_DataType.FLOAT }),
    ...CLASSIFIER_NODES,
  ];
  return graphOf(architecture, nodes, tensors);
}
