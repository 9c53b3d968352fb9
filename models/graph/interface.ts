import type { Architecture } from './architecture.ts';
import { TensorProto_DataType } from './onnx_pb.ts';
import { floatOutput, type Graph, type Node, storedInitializer, value } from './onnx-file.ts';
import type { StoredTensor } from './weights-file.ts';

/** Width and height of the input, and of the last convolution's output. */
const IMAGE_SIDE = 224;
const FEATURES_SIDE = 7;

/**
 * Builds a graph with the inputs and outputs that every package has, in any precision: `image`,
 * uint8 [N, 224, 224, 3] RGB; `logits`, float32 [N, classes]; and `features`, the last
 * convolution's output after its ReLU, float32 [N, C, 7, 7].
 * @param tensors its initializers
 * @param inner inner float tensors that become outputs too, for calibration only
 */
export function graphOf(
  { name, features, classes }: Architecture,
  nodes: readonly Node[],
  tensors: ReadonlyMap<string, StoredTensor>,
  inner: readonly string[] = [],
): Graph {
  return {
    name,
    node: [...nodes],
    initializer: [...tensors.values()].map(storedInitializer),
    input: [value('image', TensorProto_DataType.UINT8, ['N', IMAGE_SIDE, IMAGE_SIDE, 3])],
    output: [
      value('logits', TensorProto_DataType.FLOAT, ['N', classes]),
      value('features', TensorProto_DataType.FLOAT, ['N', features, FEATURES_SIDE, FEATURES_SIDE]),
      ...inner.filter((tensor) => tensor !== 'features').map(floatOutput),
    ],
  };
}
