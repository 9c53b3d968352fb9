import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type NodeProto, NodeProtoSchema } from '../../../models/graph/onnx_pb.ts';
import { node } from '../../../models/graph/onnx-file.ts';

const TO_PLANES = { perm: [0, 3, 1, 2] };
const TO_PIXELS = { perm: [0, 2, 3, 1] };

/**
 * Replaces each NhwcConv of a graph, which only CUDA knows, by a Conv between transposes, which
 * computes the same on every provider.
 */
export function withStandardNodes(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  if (model.graph) model.graph.node = model.graph.node.flatMap(standardNodes);
  model.opsetImport = model.opsetImport.filter(({ domain }) => domain === '');
  return toBinary(ModelProtoSchema, model);
}

function standardNodes(one: NodeProto): NodeProto[] {
  if (one.opType !== 'NhwcConv') return [one];
  const [data = '', weights = ''] = one.input;
  const [output = ''] = one.output;
  const [input, kernel, planes] = ['in', 'kernel', 'planes'].map((end) => `${output}.${end}`) as [
    string,
    string,
    string,
  ];
  return [
    create(NodeProtoSchema, node('Transpose', [data], input, TO_PLANES)),
    create(NodeProtoSchema, node('Transpose', [weights], kernel, TO_PLANES)),
    { ...one, opType: 'Conv', domain: '', name: planes, input: [input, kernel], output: [planes] },
    create(NodeProtoSchema, node('Transpose', [planes], output, TO_PIXELS)),
  ];
}
