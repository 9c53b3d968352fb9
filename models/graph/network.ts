import type { Architecture, Block, Convolution } from './architecture.ts';
import { INPUT_OFFSET } from './input.ts';
import { TensorProto_DataType } from './onnx_pb.ts';
import { type Graph, type Node, node, storedInitializer, value } from './onnx-file.ts';
import type { StoredTensor } from './weights-file.ts';

/** Pixels on a side of what goes in, and of the last convolution's output. */
const IMAGE_SIDE = 224;
const FEATURES_SIDE = 7;

/**
 * The network as an ONNX graph: `image`, uint8 [N, 224, 224, 3] RGB, to `logits`, float32 [N, classes], and `features`, the last
 * convolution's float32 [N, C, 7, 7] after its ReLU.
 * @param tensors what writeWeights stored, batch norms folded in
 */
export function buildNetwork(architecture: Architecture, tensors: ReadonlyMap<string, StoredTensor>): Graph {
  const { stem, stages, features, classes } = architecture;
  const nodes: Node[] = [
    // Transposed while a pixel is a byte: a quarter of the memory traffic.
    node('Transpose', ['image'], 'image.planes', { perm: [0, 3, 1, 2] }),
    node('Cast', ['image.planes'], 'image.float', { to: TensorProto_DataType.FLOAT }),
    node('Sub', ['image.float', INPUT_OFFSET], 'image.centred'),
    convolution(stem, 'image.centred'),
    node('Relu', [stem.name], 'relu'),
    node('MaxPool', ['relu'], 'maxpool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  ];
  const blocks = stages.flat();
  let input = 'maxpool';
  for (const [index, block] of blocks.entries()) {
    const output = index === blocks.length - 1 ? 'features' : block.name;
    nodes.push(...residual(block, input, output));
    input = output;
  }
  nodes.push(
    node('GlobalAveragePool', ['features'], 'avgpool'),
    node('Flatten', ['avgpool'], 'flatten', { axis: 1 }),
    node('Gemm', ['flatten', 'fc.weight', 'fc.bias'], 'logits', { transB: 1 }),
  );
  return {
    name: architecture.name,
    node: nodes,
    initializer: [...tensors.values()].map(storedInitializer),
    input: [value('image', TensorProto_DataType.UINT8, ['N', IMAGE_SIDE, IMAGE_SIDE, 3])],
    output: [
      value('logits', TensorProto_DataType.FLOAT, ['N', classes]),
      value('features', TensorProto_DataType.FLOAT, ['N', features, FEATURES_SIDE, FEATURES_SIDE]),
    ],
  };
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

function convolution({ name, shape, groups, stride, padding }: Convolution, input: string): Node {
  const [, , height, width] = shape;
  return node('Conv', [input, `${name}.weight`, `${name}.bias`], name, {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    group: groups,
  });
}
