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
export type Initializer = MessageInitShape<typeof TensorProtoSchema>;

/**
 * Of 2021; every operator that a ResNet takes, quantized ones included, is in it, and older
 * runtimes read it too.
 */
const OPSET_VERSION = 17n;
/** The format's version that goes with that operator set. */
const IR_VERSION = 8n;

const DATA_TYPES: Readonly<Record<WeightType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int32: TensorProto_DataType.INT32,
};

/**
 * One operator. Its name is its output's: each has a single one. Attributes are integers, or lists
 * of them.
 */
export function node(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): Node {
  return {
    opType,
    name: output,
    input: [...input],
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  };
}

/** A single number that stands in the graph itself. */
export function constant(name: string, values: Float32Array | Uint8Array): Node {
  const t = { dims: [], dataType: DATA_TYPES[typeOf(values)], rawData: bytesOf(values) };
  const value = { name: 'value', type: AttributeProto_AttributeType.TENSOR, t };
  return { opType: 'Constant', name, output: [name], attribute: [value] };
}

/** An input or output of the graph; a dimension given by name may be any number. */
export function value(name: string, elemType: TensorProto_DataType, shape: readonly (number | string)[]): Value {
  const dim = shape.map((dimension) =>
    typeof dimension === 'string'
      ? { value: { case: 'dimParam' as const, value: dimension } }
      : { value: { case: 'dimValue' as const, value: BigInt(dimension) } },
  );
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } };
}

/** A float32 output of whatever shape. */
export function floatOutput(name: string): Value {
  return { name, type: { value: { case: 'tensorType', value: { elemType: TensorProto_DataType.FLOAT } } } };
}

/** An initializer whose bytes lie in weights.bin. */
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
 * The inverse of storedInitializer.
 * @throws {RangeError} for an initializer that it would not have made
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
 * The bytes of an ONNX file around the graph.
 * @param metadata what ONNX lets a model say of itself in free text; no runtime computes with it
 */
export function encodeModel(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'autoswiftnet',
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}

function attribute(name: string, value: number | readonly number[]): MessageInitShape<typeof AttributeProtoSchema> {
  return typeof value === 'number'
    ? { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) };
}
