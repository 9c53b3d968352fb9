import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { graphOf } from '../models/graph/interface.ts';
import { ModelProtoSchema } from '../models/graph/onnx_pb.ts';
import { encodeModel, type Graph } from '../models/graph/onnx-file.ts';
import { WeightsFile } from '../models/graph/weights-file.ts';
import { CLASSIFIER_WEIGHTS } from '../models/graph/write-weights.ts';
import { deriveManifest } from '../models/package/derive-manifest.ts';
import type { FloatPackage } from '../models/package/read-float-package.ts';
import { writeGraph, writeManifest } from '../models/package/write-files.ts';
import { CONTRIB, INTERNAL, type Variant, VariantGraph } from './gpu-variant-graph.ts';

export const VARIANTS: readonly Variant[] = [
  { name: 'nhwc', layout: 'contrib', bias: 'conv' },
  { name: 'nhwc, add', layout: 'contrib', bias: 'add' },
  { name: 'nhwc, max', layout: 'contrib', bias: 'max' },
  { name: 'nhwc, max, products', layout: 'contrib', bias: 'max', products: true },
  { name: 'nhwc, max, groups of 32', layout: 'contrib', bias: 'max', mergedWidth: 32 },
  { name: 'nhwc, max, groups of 64', layout: 'contrib', bias: 'max', mergedWidth: 64 },
  { name: 'internal nhwc', layout: 'internal', bias: 'conv' },
  { name: 'internal nhwc, max', layout: 'internal', bias: 'max' },
  { name: 'nchw, max', layout: 'nchw', bias: 'max' },
];

/** The versions of the operator sets: the internal one counts as ONNX does. */
const DOMAIN_VERSIONS: Readonly<Record<string, bigint>> = { [CONTRIB]: 1n, [INTERNAL]: 17n };

export interface VariantOptions {
  /**
   * Whether nodes that only CUDA knows become standard nodes between transposes, which compute the
   * same on the CPU. Default false.
   */
  readonly standard?: boolean;
}

/**
 * Writes a package of this variant. Its self-test is the fp32 package's, because the CPU cannot
 * always run it: open it without.
 * @param folder is created
 * @throws {RangeError} when the network has blocks of two convolutions
 */
export async function writeVariant(
  { architecture, manifest, readFloats }: FloatPackage,
  folder: string,
  variant: Variant,
  { standard = false }: VariantOptions = {},
): Promise<void> {
  await mkdir(folder);
  const weights = await WeightsFile.create(folder);
  try {
    const nodes = await new VariantGraph(architecture, readFloats, weights, variant, standard).write();
    const file = await weights.finish();
    const tensors = new Map(weights.tensors.map((tensor) => [tensor.name, tensor]));
    const graph = await writeGraph(folder, encode(graphOf(architecture, nodes, tensors)));
    const { shape } = manifest.classifierWeights;
    const classifierWeights = { offset: tensors.get(CLASSIFIER_WEIGHTS)?.offset ?? 0, shape };
    const derived = deriveManifest(manifest, 'fp16', { graph, weights: file, classifierWeights });
    await writeManifest(folder, { ...derived, name: basename(folder), selfTest: manifest.selfTest });
  } finally {
    await weights.close();
  }
}

/** The folder of a variant of a network, which is its package's name. */
export function variantFolder(folder: string, architecture: string, { name }: Pick<Variant, 'name'>): string {
  return join(folder, `${architecture}.${name.replaceAll(/\W+/g, '-')}.fp16`);
}

function encode(graph: Graph): Uint8Array {
  const model = fromBinary(ModelProtoSchema, encodeModel(graph));
  for (const [domain, version] of Object.entries(DOMAIN_VERSIONS)) {
    if (model.graph?.node.some((one) => one.domain === domain)) {
      model.opsetImport.push({ $typeName: 'onnx.OperatorSetIdProto', domain, version });
    }
  }
  return toBinary(ModelProtoSchema, model);
}
