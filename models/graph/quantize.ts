import { IMAGE, IMAGE_QUANTIZATION, POOLED, type Quantization } from './activations.ts';
import type { Architecture, Block, Convolution } from './architecture.ts';
import { blockedAttributes, imageBlocks } from './blocked-stem.ts';
import { graphOf } from './interface.ts';
import { mergeGroups } from './merge-groups.ts';
import { type Attributes, constant, type Graph, type Node, node } from './onnx-file.ts';
import { convolutionAttributes, MAX_POOL } from './operators.ts';
import type { StoredTensor } from './weights-file.ts';

/**
 * Builds the network with uint8 activations and int8 weights in QDQ form: between operators stand
 * pairs of QuantizeLinear and DequantizeLinear. A runtime with int8 kernels removes these pairs;
 * any other runtime computes them. Inputs and outputs are the same as in buildNetwork.
 *
 * There is no ReLU node: the zero point of its output is 0, so quantizing cuts off everything
 * below. The last features are pooled in float32, and the logits stay float32: as integers the best
 * two would often be equal.
 * @param tensors what writeQuantizedWeights stored
 * @param activations the quantization of each tensor in activationNames
 */
export function buildQuantizedNetwork(
  architecture: Architecture,
  tensors: ReadonlyMap<string, StoredTensor>,
  activations: ReadonlyMap<string, Quantization>,
): Graph {
  const { stem, stages } = architecture;
  const nodes: Node[] = [
    ...scaling(IMAGE, IMAGE_QUANTIZATION),
    ...[...activations].flatMap(([name, quantization]) => scaling(name, quantization)),
    ...imageBlocks(quantized(IMAGE)),
    dequantize(IMAGE),
    ...quantizedConvolution(stem.name, blockedAttributes(stem), IMAGE, 'relu'),
    // The largest integer also stands for the largest float, so the scale stays.
    node('MaxPool', [quantized('relu')], quantized('maxpool'), MAX_POOL),
    dequantize('maxpool', 'relu'),
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
    node('Flatten', ['avgpool'], 'pooled', { axis: 1 }),
    quantize('pooled', POOLED),
    dequantize(POOLED),
    ...dequantizeWeights('fc', ['fc.weight.zero-point']),
    node('Gemm', [POOLED, 'fc.weight.float', 'fc.bias.float'], 'logits', { transB: 1 }),
  );
  return graphOf(architecture, nodes, tensors);
}

function residual(block: Block, input: string, output: string): Node[] {
  const nodes: Node[] = [];
  let main = input;
  for (const [index, each] of block.convolutions.entries()) {
    const name = index < block.convolutions.length - 1 ? `${each.name}.relu` : each.name;
    nodes.push(...convolution(each, main, name));
    main = name;
  }
  if (block.projection) nodes.push(...convolution(block.projection, input, block.projection.name));
  nodes.push(
    node('Add', [main, block.projection?.name ?? input], `${block.name}.sum`),
    quantize(`${block.name}.sum`, output),
    dequantize(output),
  );
  return nodes;
}

function convolution(each: Convolution, input: string, output: string): Node[] {
  const attributes = convolutionAttributes(mergeGroups(each));
  return [...quantizedConvolution(each.name, attributes, input, output), dequantize(output)];
}

/**
 * Returns the nodes of a convolution and of the quantization of its result.
 * @param output the name of the activation that the result becomes
 */
function quantizedConvolution(name: string, attributes: Attributes, input: string, output: string): Node[] {
  return [
    ...dequantizeWeights(name),
    node('Conv', [input, `${name}.weight.float`, `${name}.bias.float`], `${name}.sums`, attributes),
    quantize(`${name}.sums`, output),
  ];
}

/**
 * Returns the scale and zero point of an activation. They are in the graph, not in weights.bin,
 * because ONNX Runtime reads them again and again while it opens a session, and would open the file
 * each time.
 */
function scaling(activation: string, { scale, zeroPoint }: Quantization): Node[] {
  return [
    constant(`${activation}.scale`, Float32Array.of(scale)),
    constant(`${activation}.zero-point`, Uint8Array.of(zeroPoint)),
  ];
}

function quantize(float: string, activation: string): Node {
  return node('QuantizeLinear', [float, `${activation}.scale`, `${activation}.zero-point`], quantized(activation));
}

/**
 * Returns the node that turns an activation back into floats.
 * @param scaled the activation whose scale it has, if not its own
 */
function dequantize(activation: string, scaled: string = activation): Node {
  return node('DequantizeLinear', [quantized(activation), `${scaled}.scale`, `${scaled}.zero-point`], activation);
}

/**
 * Returns the nodes that turn a layer's weights and biases back into floats.
 * @param zeroPoints the names of the weights' zero points. These are zero and can be left out,
 *   except for a Gemm that ONNX Runtime is to recognise as quantized.
 */
function dequantizeWeights(layer: string, zeroPoints: readonly string[] = []): Node[] {
  const scales = (part: string): string[] => [`${layer}.${part}`, `${layer}.${part}.scale`];
  return [
    node('DequantizeLinear', [...scales('weight'), ...zeroPoints], `${layer}.weight.float`, { axis: 0 }),
    node('DequantizeLinear', scales('bias'), `${layer}.bias.float`, { axis: 0 }),
  ];
}

function quantized(activation: string): string {
  return `${activation}.quantized`;
}
