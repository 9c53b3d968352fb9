import type { Architecture, Block, Convolution } from './architecture.ts';
import { CHANNELS_LAST, toChannelsLast } from './channels-last.ts';
import { HALF_IMAGE_NODES } from './half-network.ts';
import { graphOf } from './interface.ts';
import { TensorProto_DataType } from './onnx_pb.ts';
import { type Graph, type Node, node } from './onnx-file.ts';
import { CLASSIFIER_NODES, convolutionAttributes, IMAGE_PERMUTATION, MAX_POOL } from './operators.ts';
import { requireHalf } from './require-half.ts';
import type { StoredTensor, WeightsFile } from './weights-file.ts';
import type { ReadFloats } from './write-quantized-weights.ts';

/**
 * The most that a tensor's channel may lack, see {@link CudaNetwork}. Half precision rounds what is
 * stored. Its numbers from 4 to 8 are 2^-8 apart, so a number near zero in a channel that lacks 4
 * is off by 2^-9 at most; one that lacks nothing is off by 2^-11 of itself. Biases of single layers
 * are seldom that large, but in the residual stream they add up from block to block.
 */
export const MOST_MISSING = 4;

/** A tensor in channels-last order. In each channel, its true value is what it holds + missing. */
interface Lacking {
  readonly tensor: string;
  /** float32 [channels] */
  readonly missing: Float32Array;
}

/**
 * Writes the half-precision network a second time, as CUDA runs it fastest; it computes the same.
 * cuDNN's kernels for half precision want channels last, so from the max-pool on the convolutions
 * are com.microsoft.NhwcConv. ONNX Runtime adds a convolution's bias and its ReLU in passes of
 * their own over the memory. So most biases are left out: relu(x + b) is max(x, -b) + b, and the
 * + b is part of the next bias where a convolution of 1x1 follows. A convolution of 3x3 needs the
 * whole tensor, because the zeros around it would not be zeros in one that lacks a number.
 *
 * Only the weights of 3x3 are stored again: those of 1x1 have the same bytes in both orders.
 * @param weights has the weights of buildHalfNetwork; more are appended
 * @param plain where those are
 * @param read reads a tensor of the float graph
 * @returns null for a network of basic blocks: both of its convolutions are 3x3
 * @throws {InvalidWeightsError} when a bias is larger than half precision can hold
 */
export async function writeCudaNetwork(
  weights: WeightsFile,
  architecture: Architecture,
  plain: ReadonlyMap<string, StoredTensor>,
  read: ReadFloats,
): Promise<Graph | null> {
  if (architecture.kind !== 'bottleneck') return null;
  return new CudaNetwork(weights, architecture, plain, read).write();
}

class CudaNetwork {
  readonly #nodes: Node[] = [];
  readonly #tensors = new Map<string, StoredTensor>();

  constructor(
    private readonly weights: WeightsFile,
    private readonly architecture: Architecture,
    private readonly plain: ReadonlyMap<string, StoredTensor>,
    private readonly read: ReadFloats,
  ) {}

  async write(): Promise<Graph> {
    const blocks = this.architecture.stages.flat();
    let stream = await this.#stem();
    for (const [index, block] of blocks.entries()) {
      stream = await this.#block(block, stream, index < blocks.length - 1);
    }
    const planes = this.#node('Transpose', [stream.tensor], 'features.half', { perm: IMAGE_PERMUTATION });
    this.#node('Cast', [planes], 'features', { to: TensorProto_DataType.FLOAT });
    for (const name of HALF_IMAGE_NODES.concat(CLASSIFIER_NODES).flatMap(({ input = [] }) => input)) {
      if (this.plain.has(name)) this.#share(name);
    }
    return graphOf(this.architecture, [...HALF_IMAGE_NODES, ...this.#nodes, ...CLASSIFIER_NODES], this.#tensors);
  }

  /**
   * Three colours gain nothing from channels last. The ReLU comes after the max-pool, where it has
   * a quarter to do.
   */
  async #stem(): Promise<Lacking> {
    const { stem } = this.architecture;
    const weight = this.#share(`${stem.name}.weight`);
    const tensor = this.#node('Conv', ['image.half', weight], stem.name, convolutionAttributes(stem));
    const pooled = this.#node('MaxPool', [tensor], 'maxpool', MAX_POOL);
    const last = this.#node('Transpose', [pooled], 'maxpool.last', { perm: CHANNELS_LAST });
    return this.#activate({ tensor: last, missing: await this.read(`${stem.name}.bias`) }, true);
  }

  /** @param mayLack whether the result may lack something; the features must not */
  async #block({ name, convolutions, projection }: Block, input: Lacking, mayLack: boolean): Promise<Lacking> {
    const [reduce, spatial, expand] = convolutions as readonly [Convolution, Convolution, Convolution];
    const reduced = await this.#activate(await this.#pointwise(reduce, input), false);
    const inner = await this.#activate(await this.#spatial(spatial, reduced.tensor), true);
    const main = await this.#pointwise(expand, inner);
    const shortcut = projection ? await this.#pointwise(projection, input) : input;
    const tensor = this.#node('Add', [main.tensor, shortcut.tensor], `${name}.sum`);
    const missing = main.missing.map((value, channel) => value + (shortcut.missing[channel] ?? 0));
    return this.#activate({ tensor, missing }, mayLack);
  }

  /**
   * Adds a convolution of 1x1. Its result lacks the bias, and the product of the weights and what
   * the input lacks.
   */
  async #pointwise(convolution: Convolution, input: Lacking): Promise<Lacking> {
    const { name, shape } = convolution;
    const [outputs, inputs] = shape;
    const weight = this.#share(`${name}.weight`, [outputs, 1, 1, inputs]);
    const missing = await this.read(`${name}.bias`);
    addProducts(missing, await this.read(`${name}.weight`), input.missing);
    return { tensor: this.#convolve(convolution, input.tensor, weight), missing };
  }

  /** Adds a convolution of 3x3 over a tensor that lacks nothing. */
  async #spatial(convolution: Convolution, input: string): Promise<Lacking> {
    const { name, shape } = convolution;
    const [outputs, inputs, height, width] = shape;
    const values = requireHalf(`${name}.weight`, await this.read(`${name}.weight`));
    const turned = toChannelsLast(values, outputs, inputs, height * width);
    const weight = await this.#store(`${name}.weight`, [outputs, height, width, inputs], turned);
    return { tensor: this.#convolve(convolution, input, weight), missing: await this.read(`${name}.bias`) };
  }

  #convolve(convolution: Convolution, input: string, weight: string): string {
    const { name } = convolution;
    this.#nodes.push(node('NhwcConv', [input, weight], name, convolutionAttributes(convolution), 'com.microsoft'));
    return name;
  }

  /**
   * Adds a ReLU, which knows what the tensor lacks. Its result lacks the same if that is allowed
   * and little enough, else nothing.
   */
  async #activate({ tensor, missing }: Lacking, mayLack: boolean): Promise<Lacking> {
    const result = `${tensor}.relu`;
    if (mayLack && missing.every((value) => Math.abs(value) <= MOST_MISSING)) {
      const least = await this.#storePerChannel(
        `${tensor}.least`,
        missing.map((value) => -value),
      );
      return { tensor: this.#node('Max', [tensor, least], result), missing };
    }
    const whole = this.#node(
      'Add',
      [tensor, await this.#storePerChannel(`${tensor}.missing`, missing)],
      `${tensor}.whole`,
    );
    return { tensor: this.#node('Relu', [whole], result), missing: new Float32Array(missing.length) };
  }

  #storePerChannel(name: string, values: Float32Array): Promise<string> {
    return this.#store(name, [values.length], requireHalf(name, values));
  }

  async #store(name: string, shape: readonly number[], values: Uint16Array): Promise<string> {
    this.#tensors.set(name, await this.weights.append(name, shape, values));
    return name;
  }

  /** Uses a tensor of the plain graph, maybe under another shape. */
  #share(name: string, shape?: readonly number[]): string {
    const tensor = this.plain.get(name);
    if (tensor === undefined) throw new RangeError(`the plain graph has no tensor ${name}`);
    this.#tensors.set(name, { ...tensor, shape: shape ?? tensor.shape });
    return name;
  }

  #node(...[opType, inputs, output, attributes]: Parameters<typeof node>): string {
    this.#nodes.push(node(opType, inputs, output, attributes));
    return output;
  }
}

/**
 * Adds the product of a matrix and a vector.
 * @param sums [rows], changed
 * @param matrix [rows, columns]
 * @param vector [columns]
 */
function addProducts(sums: Float32Array, matrix: Float32Array, vector: Float32Array): void {
  if (vector.every((value) => value === 0)) return;
  for (let row = 0; row < sums.length; row += 1) {
    let sum = 0;
    for (let column = 0; column < vector.length; column += 1) {
      sum += (matrix[row * vector.length + column] ?? 0) * (vector[column] ?? 0);
    }
    sums[row] = (sums[row] ?? 0) + sum;
  }
}
