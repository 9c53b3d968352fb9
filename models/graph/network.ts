import type { Architecture, Block, Convolution } from './architecture.ts';
import { graphOf } from './interface.ts';
import { type Graph, type Node, node } from './onnx-file.ts';
import { CLASSIFIER_NODES, convolutionAttributes, IMAGE_NODES, MAX_POOL } from './operators.ts';
import type { StoredTensor } from './weights-file.ts';

/**
 * Builds the network as an ONNX graph in float32.
 * @param tensors what writeWeights stored, with batch norms folded in
 * @param inner tensors that become outputs too
 */
export function buildNetwork(
  architecture: Architecture,
  tensors: ReadonlyMap<string, StoredTensor>,
  inner: readonly string[] = [],
): Graph {
  const nodes = [...IMAGE_NODES, ...convolutionNodes(architecture, 'image.centred', 'features'), ...CLASSIFIER_NODES];
  return graphOf(architecture, nodes, tensors, inner);
}

/**
 * Returns the nodes from the stem to the last block's ReLU, in the precision of the input and
 * weights.
 */
export function convolutionNodes({ stem, stages }: Architecture, image: string, features: string): Node[] {
  const nodes: Node[] = [
    convolution(stem, image),
    node('Relu', [stem.name], 'relu'),
    node('MaxPool', ['relu'], 'maxpool', MAX_POOL),
  ];
  const blocks = stages.flat();
  let input = 'maxpool';
  for (const [index, block] of blocks.entries()) {
    const output = index === blocks.length - 1 ? features : block.name;
    nodes.push(...residual(block, input, output));
    input = output;
  }
  return nodes;
}

function residual(block: Block, input: string, output: string): Node[] {
  const nodes: Node[] = [];
  let main = input;
  for (const [index, each] of block.convolutions.entries()) {
    nodes.push(convolution(each, main));
    main = each.name;
    if (index < block.convolutions.length - 1) {
      nodes.push(node('Relu', [main], `${main}.relu`));
      main = `${main}.relu`;
    }
  }
  if (block.projection) nodes.push(convolution(block.projection, input));
  const shortcut = block.projection?.name ?? input;
  nodes.push(node('Add', [main, shortcut], `${block.name}.sum`), node('Relu', [`${block.name}.sum`], output));
  return nodes;
}

function convolution(each: Convolution, input: string): Node {
  const { name } = each;
  return node('Conv', [input, `${name}.weight`, `${name}.bias`], name, convolutionAttributes(each));
}
