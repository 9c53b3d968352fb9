import type { Architecture } from './architecture.ts';
import { graphOf } from './interface.ts';
import { convolutionNodes } from './network.ts';
import { TensorProto_DataType } from './onnx_pb.ts';
import { type Graph, type Node, node } from './onnx-file.ts';
import { CLASSIFIER_NODES, IMAGE_NODES } from './operators.ts';
import type { StoredTensor } from './weights-file.ts';

/** The factors' name among the graph's initializers. */
export const INPUT_SCALE = 'image.scale';

/**
 * The network with its convolutions in half precision. The picture is normalised in floats and by a
 * node of its own: folded into the stem's weights the division would make them too small for half
 * precision. The fully connected layer stays float, a four-hundredth of the work: half precision
 * tells no two logits of 16 and more apart that differ by less than 0.016.
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
