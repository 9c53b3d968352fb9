import type { Convolution, TensorFacts } from './architecture.ts';

/**
 * What a convolution must be at its place. Channels are `undefined` when the tensor that decides
 * them is wrong itself.
 */
export interface ExpectedConvolution {
  readonly name: string;
  readonly norm: string;
  /** Width and height in pixels; the padding keeps the image's size. */
  readonly kernel: 1 | 3 | 7;
  readonly stride: 1 | 2;
  /** Whether it may have groups of channels. */
  readonly grouped: boolean;
  readonly input: number | undefined;
  readonly output?: number | undefined;
}

/**
 * Largest number of channels, above that of the widest published network (ResNeXt-101 32x48d:
 * 12,288). It limits how much memory a run can allocate for a hostile file.
 */
const MAX_CHANNELS = 16_384;
/**
 * Largest number of classes. ImageNet-21k has 21,843. The manifest contains a label and a logit for
 * each class.
 */
const MAX_CLASSES = 100_000;
/** Largest number of blocks in one stage. ResNet-200 has 66 in its four stages together. */
const MAX_BLOCKS_OF_STAGE = 1000;
const MAX_PROBLEMS_SHOWN = 20;

const FLOATING = new Set(['float16', 'bfloat16', 'float32', 'float64']);

/** Names of tensors that a training run saves beside the state dict and no network uses. */
const TRAINING_STATE =
  /^(optimizer|optim|lr_scheduler|scheduler|scaler|amp|epoch|step|global_step)(\.|$)|\.(exp_avg|exp_avg_sq|momentum_buffer)$/;

/**
 * Compares a checkpoint's tensors with those that a network needs, and collects every difference
 * and every tensor that does not belong to it.
 */
export class TensorCheck {
  readonly problems: string[] = [];
  readonly #tensors: ReadonlyMap<string, TensorFacts>;
  readonly #used = new Set<string>();

  constructor(tensors: ReadonlyMap<string, TensorFacts>) {
    this.#tensors = tensors;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * Returns the convolution. If its weights are missing or do not fit, it adds a problem and
   * returns undefined.
   */
  convolution(expected: ExpectedConvolution): Convolution | undefined {
    const { name, norm, kernel, stride } = expected;
    const weight = `${name}.weight`;
    const shape = this.#shape(weight);
    const [out, perGroup, height, width] = shape ?? [];
    for (const field of ['weight', 'bias', 'running_mean', 'running_var']) this.#vector(`${norm}.${field}`, out);
    this.#used.add(`${norm}.num_batches_tracked`);
    if (shape === undefined) return undefined;
    const input = expected.input ?? perGroup;
    const wanted = `[${expected.output ?? 'out'}, ${input}${expected.grouped ? ' / groups' : ''}, ${kernel}, ${kernel}]`;
    if (
      shape.length !== 4 ||
      !isCount(out, MAX_CHANNELS) ||
      !isCount(perGroup, MAX_CHANNELS) ||
      input === undefined ||
      height !== kernel ||
      width !== kernel ||
      (expected.output !== undefined && out !== expected.output) ||
      (expected.grouped ? input % perGroup !== 0 || out % (input / perGroup) !== 0 : perGroup !== input)
    ) {
      this.problems.push(`${weight} has the shape ${describeShape(shape)}, expected ${wanted}`);
      return undefined;
    }
    const groups = input / perGroup;
    return { name, norm, shape: [out, perGroup, kernel, kernel], groups, stride, padding: (kernel - 1) / 2 };
  }

  /**
   * Returns [classes, features] of the fully connected layer, or adds a problem and returns
   * undefined.
   */
  classifier(name: string, features: number | undefined): readonly [number, number] | undefined {
    const weight = `${name}.weight`;
    const shape = this.#shape(weight);
    const [classes, inputs] = shape ?? [];
    this.#vector(`${name}.bias`, classes);
    if (shape === undefined) return undefined;
    const isExpected = shape.length === 2 && isCount(classes, MAX_CLASSES) && isCount(inputs, MAX_CHANNELS);
    if (!isExpected || (features !== undefined && inputs !== features)) {
      this.problems.push(
        `${weight} has the shape ${describeShape(shape)}, expected [classes, ${features ?? 'features'}] with at most ${MAX_CLASSES} classes`,
      );
      return undefined;
    }
    return [classes, inputs];
  }

  /**
   * Counts the blocks of a stage by the names of the tensors. They must be numbered 0, 1, 2 and so
   * on.
   */
  countBlocks(stage: string): number {
    const indexes = new Set<number>();
    for (const name of this.#tensors.keys()) {
      const index = name.startsWith(`${stage}.`)
        ? /^(0|[1-9]\d{0,8})\./.exec(name.slice(stage.length + 1))?.[1]
        : undefined;
      if (index !== undefined) indexes.add(Number(index));
    }
    if (indexes.size === 0) this.problems.push(`${stage} is missing; it needs at least one block`);
    if (indexes.size > MAX_BLOCKS_OF_STAGE) {
      this.problems.push(`${stage} has ${indexes.size} blocks; the limit is ${MAX_BLOCKS_OF_STAGE}`);
      return 0;
    }
    // After a gap in the numbers, the remaining blocks are reported as tensors of another network.
    return indexes.size;
  }

  /** Checks that nothing else in the checkpoint can change what the network computes. */
  requireNothingElse(): void {
    const others = [...this.#tensors].filter(
      ([name, facts]) => !this.#used.has(name) && !TRAINING_STATE.test(name) && !isCounter(facts),
    );
    for (const [name, { shape }] of others) {
      this.problems.push(`${describeName(name)} ${describeShape(shape)} does not belong to such a network`);
    }
  }

  /** Returns the problems as one text that shows only the first of them. */
  describe(): string {
    const shown = this.problems.slice(0, MAX_PROBLEMS_SHOWN).join('; ');
    const rest = this.problems.length - MAX_PROBLEMS_SHOWN;
    return rest > 0 ? `${shown}; and ${rest} more` : shown;
  }

  #shape(name: string): readonly number[] | undefined {
    this.#used.add(name);
    const facts = this.#tensors.get(name);
    if (facts === undefined) {
      this.problems.push(`${name} is missing`);
    } else if (!FLOATING.has(facts.dtype)) {
      this.problems.push(`${name} has the type ${facts.dtype}, expected a floating-point type`);
    }
    return facts?.shape;
  }

  #vector(name: string, length: number | undefined): void {
    const shape = this.#shape(name);
    if (shape && length !== undefined && (shape.length !== 1 || shape[0] !== length)) {
      this.problems.push(`${name} has the shape ${describeShape(shape)}, expected [${length}]`);
    }
  }
}

function isCount(value: number | undefined, max: number): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0 && value <= max;
}

/** A single integer is a counter (num_batches_tracked, n_averaged), never a weight. */
function isCounter({ dtype, shape }: TensorFacts): boolean {
  return !FLOATING.has(dtype) && shape.every((dimension) => dimension === 1);
}

function describeShape(shape: readonly number[]): string {
  const shown = shape.slice(0, 8).join(', ');
  return shape.length > 8 ? `[${shown}, …]` : `[${shown}]`;
}

/** Names come from the file, so they are shortened and control characters are escaped. */
function describeName(name: string): string {
  return /^[\w.-]{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
}
