import type { Checkpoint, CheckpointTensor } from '../checkpoint/checkpoint.ts';
import { DamagedCheckpointError } from '../checkpoint/errors.ts';
import { type Architecture, allConvolutions, type Convolution } from './architecture.ts';
import { type BatchNorm, type Floats, foldBatchNorm, requireFinite, requireVariance } from './fold.ts';
import { IMAGE_OFFSET, IMAGE_SCALE, INPUT_OFFSET } from './input.ts';
import { type FileFacts, type StoredTensor, WeightsFile } from './weights-file.ts';

/** Name of the rows of the fully connected layer in weights.bin. */
export const CLASSIFIER_WEIGHTS = 'fc.weight';

/** A finished weights.bin, and where it holds each tensor. */
export interface StoredWeights {
  readonly file: FileFacts;
  /** The graph's initializers, by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly batchNorms: StoredBatchNorms;
}

/**
 * What folding removes: the bias and weight of each batch norm, float32 [channels of all
 * convolutions], in the order of allConvolutions. The output of a channel is roughly normal, with
 * its bias as mean and its weight as (positive) deviation. From these a quantizer estimates the
 * range without images.
 */
export interface StoredBatchNorms {
  readonly biases: StoredTensor;
  readonly weights: StoredTensor;
}

/**
 * Writes weights.bin into the folder: every convolution with its batch norm folded in, then the
 * fully connected layer. Only one layer at a time is in memory.
 * @throws {InvalidWeightsError} naming the first tensor with NaN, an infinity or a negative
 *   variance
 */
export async function writeWeights(
  folder: string,
  checkpoint: Checkpoint,
  architecture: Architecture,
): Promise<StoredWeights> {
  const weights = await WeightsFile.create(folder);
  try {
    await weights.append(INPUT_OFFSET, [1, 3, 1, 1], Float32Array.from(IMAGE_OFFSET));
    const norms = new BatchNorms(architecture);
    for (const convolution of allConvolutions(architecture)) {
      const inputScale = convolution === architecture.stem ? IMAGE_SCALE : undefined;
      norms.add(await writeConvolution(weights, checkpoint, convolution, inputScale));
    }
    for (const [name, shape] of [
      [CLASSIFIER_WEIGHTS, [architecture.classes, architecture.features]],
      ['fc.bias', [architecture.classes]],
    ] as const) {
      const values = Float32Array.from(await readTensor(checkpoint, name));
      requireFinite(`${checkpoint.path}: ${name}`, values);
      await weights.append(name, shape, values);
    }
    const tensors = new Map(weights.tensors.map((tensor) => [tensor.name, tensor]));
    const batchNorms = await norms.write(weights);
    return { file: await weights.finish(), tensors, batchNorms };
  } finally {
    await weights.close();
  }
}

async function writeConvolution(
  weights: WeightsFile,
  checkpoint: Checkpoint,
  { name, norm, shape }: Convolution,
  inputScale: readonly number[] | undefined,
): Promise<BatchNorm> {
  const batchNorm = {
    weight: await readTensor(checkpoint, `${norm}.weight`),
    bias: await readTensor(checkpoint, `${norm}.bias`),
    mean: await readTensor(checkpoint, `${norm}.running_mean`),
    variance: await readTensor(checkpoint, `${norm}.running_var`),
  };
  requireFinite(`${checkpoint.path}: ${norm}.weight`, batchNorm.weight);
  requireFinite(`${checkpoint.path}: ${norm}.bias`, batchNorm.bias);
  requireFinite(`${checkpoint.path}: ${norm}.running_mean`, batchNorm.mean);
  requireVariance(`${checkpoint.path}: ${norm}.running_var`, batchNorm.variance);
  const folded = foldBatchNorm(await readTensor(checkpoint, `${name}.weight`), batchNorm, inputScale);
  // The factors are finite, so a bad value was bad before, at the same place, or does not fit into
  // float32.
  requireFinite(`${checkpoint.path}: ${name}.weight with ${norm} folded in`, folded.weight);
  requireFinite(`${checkpoint.path}: ${norm} folded into a bias`, folded.bias);
  await weights.append(`${name}.weight`, shape, folded.weight);
  await weights.append(`${name}.bias`, [shape[0]], folded.bias);
  return batchNorm;
}

/** Collects what StoredBatchNorms describes, a few hundred kilobytes. */
class BatchNorms {
  readonly #biases: Float32Array;
  readonly #weights: Float32Array;
  #channels = 0;

  constructor(architecture: Architecture) {
    const channels = allConvolutions(architecture).reduce((sum, { shape }) => sum + shape[0], 0);
    this.#biases = new Float32Array(channels);
    this.#weights = new Float32Array(channels);
  }

  add({ weight, bias }: BatchNorm): void {
    this.#biases.set(bias, this.#channels);
    this.#weights.set(weight, this.#channels);
    this.#channels += bias.length;
  }

  async write(file: WeightsFile): Promise<StoredBatchNorms> {
    return {
      biases: await file.append('batch-norm.bias', [this.#channels], this.#biases),
      weights: await file.append('batch-norm.weight', [this.#channels], this.#weights),
    };
  }
}

async function readTensor(checkpoint: Checkpoint, name: string): Promise<Floats> {
  const tensor: CheckpointTensor | undefined = checkpoint.tensors.get(name);
  if (tensor === undefined)
    throw new DamagedCheckpointError(
      `checkpoint ${checkpoint.path} is damaged: tensor ${name} is missing. Download or save it again.`,
    );
  return await tensor.read();
}
