import { writeFile } from 'node:fs/promises';
import { allConvolutions } from '../../models/graph/architecture.ts';
import { IMAGE_SCALE } from '../../models/graph/input.ts';
import { convolutionNodes } from '../../models/graph/network.ts';
import { TensorProto_DataType } from '../../models/graph/onnx_pb.ts';
import { encodeModel, floatOutput, type Initializer, value } from '../../models/graph/onnx-file.ts';
import { CLASSIFIER_NODES } from '../../models/graph/operators.ts';
import { type FloatPackage, openFloatPackage } from '../../models/package/read-float-package.ts';

const INPUT = 'pixel_values';
const INPUT_SHAPE = ['N', 3, 224, 224] as const;

/**
 * Writes the network of an fp32 package as torch.onnx.export writes one: a single file with its
 * weights, input `pixel_values`, float32 [N, 3, 224, 224], normalised by the caller; batch norms
 * are folded into the convolutions, as the exporter does for evaluation.
 */
export async function writeOrdinaryOnnx(packageDir: string, file: string): Promise<void> {
  const float = await openFloatPackage(packageDir);
  try {
    const { architecture } = float;
    const graph = {
      name: architecture.name,
      node: [...convolutionNodes(architecture, INPUT, 'features'), ...CLASSIFIER_NODES],
      initializer: await initializersOf(float),
      input: [value(INPUT, TensorProto_DataType.FLOAT, INPUT_SHAPE)],
      output: [floatOutput('logits')],
    };
    await writeFile(file, encodeModel(graph));
  } finally {
    await float.close();
  }
}

async function initializersOf(float: FloatPackage): Promise<Initializer[]> {
  const { stem } = float.architecture;
  const layers = [...allConvolutions(float.architecture).map(({ name }) => name), 'fc'];
  const names = layers.flatMap((name) => [`${name}.weight`, `${name}.bias`]);
  return Promise.all(
    names.map(async (name) => {
      const values = await float.readFloats(name);
      if (name === `${stem.name}.weight`) unfoldScale(values);
      const { shape = [] } = float.tensors.get(name) ?? {};
      const rawData = new Uint8Array(values.buffer);
      return { name, dims: shape.map(BigInt), dataType: TensorProto_DataType.FLOAT, rawData };
    }),
  );
}

/**
 * Undoes what the package's stem does to bytes: there the division by 255 and by the deviation is
 * folded into the weights, [outputs, 3, 7, 7].
 */
function unfoldScale(weights: Float32Array): void {
  for (const [index, weight] of weights.entries()) {
    const colour = Math.floor(index / 49) % IMAGE_SCALE.length;
    weights[index] = weight / (IMAGE_SCALE[colour] ?? Number.NaN);
  }
}
