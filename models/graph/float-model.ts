import { fromBinary } from '@bufbuild/protobuf';
import * as z from 'zod';
import type { Architecture, TensorFacts } from './architecture.ts';
import { INPUT_OFFSET } from './input.ts';
import { buildNetwork } from './network.ts';
import { type ModelProto, ModelProtoSchema } from './onnx_pb.ts';
import { encodeModel, toStoredTensor } from './onnx-file.ts';
import { readArchitecture } from './read-architecture.ts';
import type { StoredTensor } from './weights-file.ts';
import type { StoredBatchNorms } from './write-weights.ts';

/** What an fp32 package's model.onnx says: enough to build another graph of the same weights. */
export interface FloatModel {
  readonly architecture: Architecture;
  /** The graph's initializers, by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly batchNorms: StoredBatchNorms;
}

/** Where in weights.bin the batch norms lie stands in the model's metadata: no node takes them. */
const BATCH_NORMS = 'autoswiftnet.batch-norms';

const batchNormSchema = z.object({
  name: z.string(),
  type: z.literal('float32'),
  shape: z.array(z.int().positive()),
  offset: z.int().nonnegative(),
  bytes: z.int().positive(),
});
const batchNormsSchema = z.object({ biases: batchNormSchema, weights: batchNormSchema });

/** The bytes of an fp32 package's model.onnx. */
export function encodeFloatModel({ architecture, tensors, batchNorms }: FloatModel): Uint8Array {
  const { biases, weights } = batchNorms;
  return encodeModel(buildNetwork(architecture, tensors), { [BATCH_NORMS]: JSON.stringify({ biases, weights }) });
}

/**
 * The inverse: the architecture is read from the initializers' names and shapes, as it is from a
 * checkpoint's tensors. Then the graph is built once more: only if that gives the same bytes are
 * its nodes the ones that are expected.
 * @throws {Error} of whatever kind when these are not bytes that encodeFloatModel of this version
 *   gives
 */
export function decodeFloatModel(bytes: Uint8Array): FloatModel {
  const model = fromBinary(ModelProtoSchema, bytes);
  const tensors = new Map((model.graph?.initializer ?? []).map((one) => [one.name, toStoredTensor(one)] as const));
  const float = {
    architecture: readArchitecture(withBatchNorms(tensors), 'the graph'),
    tensors,
    batchNorms: readBatchNorms(model),
  };
  if (Buffer.compare(encodeFloatModel(float), bytes) !== 0) {
    throw new Error('its nodes do not match its weights');
  }
  return float;
}

function readBatchNorms({ metadataProps }: ModelProto): StoredBatchNorms {
  const text = metadataProps.find(({ key }) => key === BATCH_NORMS)?.value;
  if (text === undefined) throw new Error(`its metadata has no ${BATCH_NORMS}`);
  return batchNormsSchema.parse(JSON.parse(text));
}

/**
 * What a checkpoint has beside the graph's initializers: a batch norm for each convolution, which
 * here is folded into its bias.
 */
function withBatchNorms(tensors: ReadonlyMap<string, StoredTensor>): Map<string, TensorFacts> {
  const facts = new Map<string, TensorFacts>();
  for (const [name, { shape }] of tensors) {
    const convolution = /^(.*(?:conv\d|downsample\.0))\.(weight|bias)$/.exec(name);
    if (convolution?.[2] !== 'bias') facts.set(name, { dtype: 'float32', shape });
    else {
      const norm = (convolution[1] ?? '').replace(/conv(\d)$/, 'bn$1').replace(/downsample\.0$/, 'downsample.1');
      for (const field of ['weight', 'bias', 'running_mean', 'running_var']) {
        facts.set(`${norm}.${field}`, { dtype: 'float32', shape });
      }
    }
  }
  facts.delete(INPUT_OFFSET);
  return facts;
}
