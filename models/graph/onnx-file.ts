import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { WEIGHTS_FILE } from '../../classifier/manifest.ts';
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './onnx_pb.ts';
import { bytesOf, type StoredTensor, typeOf, type WeightType } from './weights-file.ts';

export type Graph = MessageInitShape<typeof GraphProtoSchema>;
export type Node = MessageInitShape<typeof NodeProtoSchema>;
export type Value = MessageInitShape<typeof ValueInfoProtoSchema>;
/** The attributes of an operator: integers or lists of integers. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;
export type Initializer = MessageInitShape<typeof TensorProtoSchema>;

/**
 * The operator set of 2021: it has every operator that a ResNet needs, also quantized, and older
 * runtimes read it too.
 */
const OPSET_VERSION = 17n;
/** Operator sets that are not ONNX's own, with the version used: ONNX Runtime documents them. */
const FOREIGN_DOMAINS = { 'com.microsoft': 1n } as const;
export type ForeignDomain = keyof typeof FOREIGN_DOMAINS;
/** The version of the ONNX format that belongs to this operator set. */
const IR_VERSION = 8n;

const DATA_TYPES: Readonly<Record<WeightType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int32: TensorProto_DataType.INT32,
};

/**
 * Creates an operator with a single output, whose name it has.
 * @param domain whose operator it is; default ONNX's own
 */
export function node(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Attributes = {},
  domain?: ForeignDomain,
): Node {
  return {
    ...(domain === undefined ? {} : { domain }),
    opType,
    name: output,
    input: [...input],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  };
}

/** Creates a single number that is stored in the graph itself. */
export function constant(name: string, values: Float32Array | Uint8Array): Node {
  const t = { dims: [], dataType: DATA_TYPES[typeOf(values)], rawData: bytesOf(values) };
  const value = { name: 'value', type: AttributeProto_AttributeType.TENSOR, t };
  return { opType: 'Constant', name, output: [name], attribute: [value] };
}

/** Creates an input or output of the graph. A dimension that is a name may have any size. */
export function value(name: string, elemType: TensorProto_DataType, shape: readonly (number | string)[]): Value {
  const dim = shape.map((dimension) =>
    typeof dimension === 'string'
      ? { value: { case: 'dimParam' as const, value: dimension } }
      : { value: { case: 'dimValue' as const, value: BigInt(dimension) } },
  );
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } };
}

/** Creates a float32 output of any shape. */
export function floatOutput(name: string): Value {
  return { name, type: { value: { case: 'tensorType', value: { elemType: TensorProto_DataType.FLOAT } } } };
}

/** Creates an initializer whose bytes are in weights.bin. */
export function storedInitializer({ name, type, shape, offset, bytes }: StoredTensor): Initializer {
  return {
    name,
    dims: shape.map(BigInt),
    dataType: DATA_TYPES[type],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: WEIGHTS_FILE },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(bytes) },
    ],
  };
}

/**
 * Reads what storedInitializer created.
 * @throws {RangeError} for any other initializer
 */
export function toStoredTensor({ name, dims, dataType, externalData }: TensorProto): StoredTensor {
  const type = (Object.keys(DATA_TYPES) as WeightType[]).find((one) => DATA_TYPES[one] === dataType);
  const data = new Map(externalData.map(({ key, value }) => [key, value]));
  const [offset, bytes] = [data.get('offset'), data.get('length')].map(Number);
  if (type === undefined || !Number.isSafeInteger(offset) || !Number.isSafeInteger(bytes)) {
    throw new RangeError(`initializer ${name} is not stored in ${WEIGHTS_FILE}`);
  }
  return { name, type, shape: dims.map(Number), offset: offset ?? 0, bytes: bytes ?? 0 };
}

/**
 * Encodes an ONNX file with this graph.
 * @param metadata free text that ONNX lets a model carry; no runtime uses it
 */
export function encodeModel(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'autoswiftnet',
    opsetImport: [{ domain: '', version: OPSET_VERSION }, ...foreignOperatorSets(graph)],
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

function foreignOperatorSets({ node: nodes = [] }: Graph) {
  const used = (Object.keys(FOREIGN_DOMAINS) as ForeignDomain[]).filter((one) =>
    nodes.some(({ domain }) => domain === one),
  );
  return used.map((domain) => ({ domain, version: FOREIGN_DOMAINS[domain] }));
}

function attribute(name: string, value: number | readonly number[]): MessageInitShape<typeof AttributeProtoSchema> {
  return typeof value === 'number'
    ? { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) };
}
