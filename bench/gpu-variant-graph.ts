import type { Architecture, Block, Convolution } from '../models/graph/architecture.ts';
import { toHalf } from '../models/graph/half.ts';
import { IMAGE_OFFSET, IMAGE_SCALE } from '../models/graph/input.ts';
import { mergeGroups } from '../models/graph/merge-groups.ts';
import { TensorProto_DataType } from '../models/graph/onnx_pb.ts';
import { type Attributes, type Node, node } from '../models/graph/onnx-file.ts';
import { CLASSIFIER_NODES, convolutionAttributes, IMAGE_PERMUTATION, MAX_POOL } from '../models/graph/operators.ts';
import type { WeightsFile } from '../models/graph/weights-file.ts';
import type { ReadFloats } from '../models/graph/write-quantized-weights.ts';
import { CLASSIFIER_WEIGHTS } from '../models/graph/write-weights.ts';

/**
 * Another way to write the same fp16 network. ONNX Runtime's CUDA provider adds a convolution's
 * bias and its ReLU in passes of their own over the memory, and cuDNN's kernels depend on layout
 * and group width, so the ways may differ in speed.
 */
export interface Variant {
  readonly name: string;
  /**
   * `nchw`: planes, as in our packages. `contrib`: planes up to the max-pool, then com.microsoft's
   * NhwcConv. `internal`: everything channels last, with the nodes that CUDA's option prefer_nhwc
   * makes, which Node's binding cannot set.
   */
  readonly layout: 'nchw' | 'contrib' | 'internal';
  /**
   * `conv`: an input of the convolution. `add`: an Add, one for both convolutions that end a block.
   * `max`: relu(x + b) is max(x, -b) + b, and where a convolution of 1x1 follows, that + b is part
   * of the next bias, without rounding of its own.
   */
  readonly bias: 'conv' | 'add' | 'max';
  /** Whether convolutions of 1x1 with stride 1 are matrix products. Default false. */
  readonly products?: boolean;
  /** Input channels of a group where narrower neighbours are merged. Default: none are. */
  readonly mergedWidth?: number;
}

/** Domains of operators that are not ONNX's. */
export const CONTRIB = 'com.microsoft';
export const INTERNAL = 'com.ms.internal.nhwc';

const CHANNELS_LAST = [0, 2, 3, 1];
/** Turns NhwcConv's weights, [out, height, width, in], into Conv's. */
const WEIGHTS_PERMUTATION = [0, 3, 1, 2];

/** A tensor of the graph that lacks a number per channel: its true value is tensor + missing. */
interface Shifted {
  readonly tensor: string;
  readonly missing: Float32Array;
}

/** Writes the weights and the nodes of a variant. */
export class VariantGraph {
  readonly #nodes: Node[] = [];
  #last: boolean;

  /** @param standard see VariantOptions */
  constructor(
    private readonly architecture: Architecture,
    private readonly read: ReadFloats,
    private readonly weights: WeightsFile,
    private readonly variant: Variant,
    private readonly standard: boolean,
  ) {
    this.#last = variant.layout === 'internal';
  }

  async write(): Promise<Node[]> {
    const { stages, classes, features } = this.architecture;
    let stream = await this.#stem();
    for (const block of stages.flat()) stream = await this.#block(block, stream);
    let map = stream.tensor;
    if (this.variant.bias === 'max') map = await this.#add(map, 'features.whole', stream.missing);
    if (this.#last) map = this.#node('Transpose', [map], 'features.planes', { perm: IMAGE_PERMUTATION });
    this.#node('Cast', [map], 'features', { to: TensorProto_DataType.FLOAT });
    await this.weights.append(CLASSIFIER_WEIGHTS, [classes, features], await this.read(CLASSIFIER_WEIGHTS));
    await this.weights.append('fc.bias', [classes], await this.read('fc.bias'));
    return [...this.#nodes, ...CLASSIFIER_NODES];
  }

  /** The ReLU comes after the max-pool, where it has a quarter to do. */
  async #stem(): Promise<Shifted> {
    const { stem } = this.architecture;
    let image = 'image';
    if (!this.#last) image = this.#node('Transpose', [image], 'image.planes', { perm: IMAGE_PERMUTATION });
    image = this.#node('Cast', [image], 'image.half', { to: TensorProto_DataType.FLOAT16 });
    const offset = await this.#perChannel('image.offset', Float32Array.from(IMAGE_OFFSET));
    image = this.#node('Sub', [image, offset], 'image.centred');
    image = this.#node(
      'Mul',
      [image, await this.#perChannel('image.scale', Float32Array.from(IMAGE_SCALE))],
      'image.normal',
    );
    const { tensor, missing } = await this.#convolve(stem, { tensor: image, missing: new Float32Array(3) });
    let pooled = this.#channelsLastNode('MaxPool', [tensor], 'maxpool', MAX_POOL);
    if (this.variant.layout === 'contrib') {
      pooled = this.#node('Transpose', [pooled], 'maxpool.last', { perm: CHANNELS_LAST });
      this.#last = true;
    }
    return this.#activate(pooled, missing, true);
  }

  async #block({ name, convolutions, projection }: Block, input: Shifted): Promise<Shifted> {
    const [first, second, third] = convolutions;
    if (first === undefined || second === undefined || third === undefined) {
      throw new RangeError(`expected blocks of three convolutions, ${name} has ${convolutions.length}`);
    }
    const reduced = await this.#convolve(first, input);
    // The zeros around the image would not be zeros in a tensor that lacks a number.
    const whole = await this.#activate(reduced.tensor, reduced.missing, false);
    const spatial = await this.#convolve(second, whole);
    const main = await this.#convolve(third, await this.#activate(spatial.tensor, spatial.missing, true));
    const shortcut = projection ? await this.#convolve(projection, input) : input;
    const sum = this.#node('Add', [main.tensor, shortcut.tensor], `${name}.sum`);
    return this.#activate(sum, plus(main.missing, shortcut.missing), true);
  }

  /**
   * Adds what is missing and sets negative numbers to zero.
   * @param mayLack whether the result may lack a number per channel again
   */
  async #activate(tensor: string, missing: Float32Array, mayLack: boolean): Promise<Shifted> {
    if (this.variant.bias === 'max' && mayLack) {
      const least = await this.#perChannel(
        `${tensor}.least`,
        missing.map((value) => -value),
      );
      return { tensor: this.#node('Max', [tensor, least], `${tensor}.relu`), missing };
    }
    const whole = missing.some((value) => value !== 0) ? await this.#add(tensor, `${tensor}.whole`, missing) : tensor;
    return { tensor: this.#node('Relu', [whole], `${tensor}.relu`), missing: new Float32Array(missing.length) };
  }

  /** Unless the bias is an input, the result lacks the bias and what the input lacks. */
  async #convolve(convolution: Convolution, input: Shifted): Promise<Shifted> {
    const { name } = convolution;
    const values = await this.read(`${name}.weight`);
    if (name === this.architecture.stem.name) unscale(values, convolution.shape[0]);
    const bias = plus(await this.read(`${name}.bias`), convolved(convolution, values, input.missing));
    const { mergedWidth, products = false } = this.variant;
    const merged = mergedWidth ? mergeGroups(convolution, mergedWidth) : convolution;
    const dense = spread(values, convolution, merged);
    if (products && this.#isProduct(convolution)) {
      const [outputs, inputs] = convolution.shape;
      const weight = `${name}.weight`;
      await this.weights.append(weight, [inputs, outputs], toHalf(transposed(dense, outputs, inputs)));
      return { tensor: this.#node('MatMul', [input.tensor, weight], name), missing: bias };
    }
    const inputs = [input.tensor, await this.#convolutionWeights(merged, dense)];
    const inside = this.variant.bias === 'conv';
    if (inside) {
      await this.weights.append(`${name}.bias`, [bias.length], toHalf(bias));
      inputs.push(`${name}.bias`);
    }
    const type = this.#usesContrib() && !this.standard ? 'NhwcConv' : 'Conv';
    const tensor = this.#channelsLastNode(type, inputs, name, convolutionAttributes(merged));
    return { tensor, missing: inside ? new Float32Array(bias.length) : bias };
  }

  #usesContrib(): boolean {
    return this.#last && this.variant.layout === 'contrib';
  }

  #isProduct({ shape: [, , height, width], stride, groups }: Convolution): boolean {
    return this.#last && height === 1 && width === 1 && stride === 1 && groups === 1;
  }

  /** Stores weights in the order of the node. A standard node gets them turned back. */
  async #convolutionWeights({ name, shape }: Convolution, values: Float32Array): Promise<string> {
    const weight = `${name}.weight`;
    if (!this.#usesContrib()) {
      await this.weights.append(weight, shape, toHalf(values));
      return weight;
    }
    const [outputs, inputs, height, width] = shape;
    const turned = channelsLast(values, outputs, inputs, height * width);
    await this.weights.append(weight, [outputs, height, width, inputs], toHalf(turned));
    if (!this.standard) return weight;
    return this.#node('Transpose', [weight], `${weight}.planes`, { perm: WEIGHTS_PERMUTATION });
  }

  async #add(tensor: string, output: string, values: Float32Array): Promise<string> {
    return this.#node('Add', [tensor, await this.#perChannel(`${output}.bias`, values)], output);
  }

  /** Stores a number for each channel, in the shape that broadcasts in the current layout. */
  async #perChannel(name: string, values: Float32Array): Promise<string> {
    await this.weights.append(name, this.#last ? [values.length] : [values.length, 1, 1], toHalf(values));
    return name;
  }

  /** Adds a node that depends on the layout. */
  #channelsLastNode(opType: string, inputs: readonly string[], output: string, attributes: Attributes): string {
    if (!this.#last) return this.#node(opType, inputs, output, attributes);
    if (!this.standard) {
      const domain = this.variant.layout === 'internal' ? INTERNAL : CONTRIB;
      this.#nodes.push({ ...node(opType, inputs, output, attributes), domain });
      return output;
    }
    const [data = '', ...rest] = inputs;
    const planes = this.#node('Transpose', [data], `${output}.in`, { perm: IMAGE_PERMUTATION });
    const result = this.#node(opType, [planes, ...rest], `${output}.out`, attributes);
    return this.#node('Transpose', [result], output, { perm: CHANNELS_LAST });
  }

  #node(opType: string, inputs: readonly string[], output: string, attributes: Attributes = {}): string {
    this.#nodes.push(node(opType, inputs, output, attributes));
    return output;
  }
}

function plus(one: Float32Array, other: Float32Array): Float32Array {
  return one.map((value, index) => value + (other[index] ?? 0));
}

/** Returns what a convolution of 1x1 makes of the same numbers everywhere. */
function convolved(
  { shape: [outputs, inputs] }: Convolution,
  values: Float32Array,
  missing: Float32Array,
): Float32Array {
  const sums = new Float32Array(outputs);
  if (!missing.some((value) => value !== 0)) return sums;
  for (let output = 0; output < outputs; output += 1) {
    let sum = 0;
    for (let input = 0; input < inputs; input += 1) {
      sum += (values[output * inputs + input] ?? 0) * (missing[input] ?? 0);
    }
    sums[output] = sum;
  }
  return sums;
}

/** Takes the division by the standard deviation out of the stem's weights: a Mul does it. */
function unscale(values: Float32Array, outputs: number): void {
  const perColour = values.length / (outputs * IMAGE_SCALE.length);
  for (let index = 0; index < values.length; index += 1) {
    const scale = IMAGE_SCALE[Math.floor(index / perColour) % IMAGE_SCALE.length] ?? 1;
    values[index] = (values[index] ?? 0) / scale;
  }
}

/** Spreads weights over merged groups, with zeros between. */
function spread(values: Float32Array, from: Convolution, to: Convolution): Float32Array {
  const together = from.groups / to.groups;
  if (together === 1) return values;
  const [outputs] = from.shape;
  const perOutput = values.length / outputs;
  const result = new Float32Array(values.length * together);
  for (let output = 0; output < outputs; output += 1) {
    const place = Math.floor(output / (outputs / from.groups)) % together;
    result.set(values.subarray(output * perOutput, (output + 1) * perOutput), (output * together + place) * perOutput);
  }
  return result;
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return channelsLast(values, 1, rows, columns);
}

/** Turns [outputs, inputs, pixels] into [outputs, pixels, inputs]. */
function channelsLast(values: Float32Array, outputs: number, inputs: number, pixels: number): Float32Array {
  if (pixels === 1) return values;
  const result = new Float32Array(values.length);
  let from = 0;
  for (let output = 0; output < outputs; output += 1) {
    for (let input = 0; input < inputs; input += 1) {
      let to = output * inputs * pixels + input;
      for (let pixel = 0; pixel < pixels; pixel += 1) {
        result[to] = values[from] ?? 0;
        from += 1;
        to += inputs;
      }
    }
  }
  return result;
}
