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

/**
 * What an fp32 package's model.onnx contains: enough to build another graph with the same weights.
 */
export interface FloatModel {
  readonly architecture: Architecture;
  /** The graph's initializers, by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly batchNorms: StoredBatchNorms;
}

/**
 * Key of the metadata that says where weights.bin holds the batch norms. No node of the graph uses
 * them.
 */
const BATCH_NORMS = 'autoswiftnet.batch-norms';

const batchNormSchema = z.object({
  name: z.string(),
  type: z.literal('float32'),
  shape: z.array(z.int().positive()),
  offset: z.int().nonnegative(),
  bytes: z.int().positive(),
});
const batchNormsSchema = z.object({ biases: batchNormSchema, weights: batchNormSchema });

/** Encodes an fp32 package's model.onnx. */
export function encodeFloatModel({ architecture, tensors, batchNorms }: FloatModel): Uint8Array {
  const { biases, weights } = batchNorms;
  return encodeModel(buildNetwork(architecture, tensors), { [BATCH_NORMS]: JSON.stringify({ biases, weights }) });
}

/**
 * Decodes what encodeFloatModel wrote. The architecture is read from the names and shapes of the
 * initializers, as from a checkpoint's tensors. Then the graph is built again: only if the bytes
 * are the same does the file have the expected nodes.
 * @throws {Error} of any kind when encodeFloatModel of this version did not write these bytes
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
 * Adds what a checkpoint has and the graph's initializers do not: a batch norm for each
 * convolution, which is folded into its bias here.
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
