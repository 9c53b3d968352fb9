import { IMAGE_QUANTIZATION, POOLED, type Quantization } from './activations.ts';
import type { Architecture, Convolution } from './architecture.ts';
import { blockedShape, blockWeights } from './blocked-stem.ts';
import { INPUT_OFFSET } from './input.ts';
import { mergeGroups, spreadWeights } from './merge-groups.ts';
import { type QuantizedWeights, quantizeStem, quantizeWeights } from './quantize-weights.ts';
import { type FileFacts, type StoredTensor, WeightsFile } from './weights-file.ts';

/** Name of the scales of the fully connected layer, one per row. */
export const CLASSIFIER_SCALES = 'fc.weight.scale';

/** Reads a float32 tensor of the graph that is being quantized, by its name there. */
export type ReadFloats = (name: string) => Promise<Float32Array>;

/** A finished weights.bin, and where it holds each tensor. */
export interface StoredTensors {
  readonly file: FileFacts;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Writes weights.bin for the quantized graph. Only one layer at a time is in memory.
 * @param read reads a tensor of the float graph
 * @param activations the quantization of each tensor in activationNames
 */
export async function writeQuantizedWeights(
  folder: string,
  architecture: Architecture,
  read: ReadFloats,
  activations: ReadonlyMap<string, Quantization>,
): Promise<StoredTensors> {
  const { stem, classes, features } = architecture;
  const weights = await WeightsFile.create(folder);

  async function writeLayer(name: string, shape: readonly number[], layer: QuantizedWeights, inputScale: number) {
    const outputs = [shape[0] ?? 0];
    await weights.append(`${name}.weight`, shape, layer.values);
    await weights.append(`${name}.weight.scale`, outputs, layer.scales);
    await weights.append(`${name}.bias`, outputs, layer.biases);
    await weights.append(
      `${name}.bias.scale`,
      outputs,
      layer.scales.map((scale) => scale * inputScale),
    );
  }

  const scaleOf = (input: string): number => activations.get(input)?.scale ?? Number.NaN;

  async function quantizeLayer(name: string, inputScale: number): Promise<QuantizedWeights> {
    return quantizeWeights(await read(`${name}.weight`), await read(`${name}.bias`), inputScale);
  }

  try {
    const stemWeights = await read(`${stem.name}.weight`);
    const stemLayer = quantizeStem(stemWeights, await read(`${stem.name}.bias`), await read(INPUT_OFFSET));
    const blocked = { ...stemLayer, values: blockWeights(stemLayer.values, stem) };
    await writeLayer(stem.name, blockedShape(stem), blocked, IMAGE_QUANTIZATION.scale);
    for (const [convolution, input] of convolutionInputs(architecture)) {
      const layer = await quantizeLayer(convolution.name, scaleOf(input));
      const merged = mergeGroups(convolution);
      const values = spreadWeights(layer.values, convolution, merged);
      await writeLayer(convolution.name, merged.shape, { ...layer, values }, scaleOf(input));
    }
    const classifier = await quantizeLayer('fc', scaleOf(POOLED));
    await writeLayer('fc', [classes, features], classifier, scaleOf(POOLED));
    await weights.append('fc.weight.zero-point', [classes], new Int8Array(classes));
    const file = await weights.finish();
    return { file, tensors: new Map(weights.tensors.map((tensor) => [tensor.name, tensor])) };
  } finally {
    await weights.close();
  }
}

/** Returns every convolution after the stem with the name of the activation that is its input. */
function convolutionInputs({ stages }: Architecture): [Convolution, string][] {
  // Pooling does not change the scale.
  let input = 'relu';
  const inputs: [Convolution, string][] = [];
  for (const { name, convolutions, projection } of stages.flat()) {
    let main = input;
    for (const convolution of convolutions) {
      inputs.push([convolution, main]);
      main = `${convolution.name}.relu`;
    }
    if (projection) inputs.push([projection, input]);
    input = name;
  }
  return inputs;
}
