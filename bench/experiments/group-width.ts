/**
 * Measures the gain of computing neighbouring groups of an int8 convolution as one
 * (models/graph/merge-groups.ts): CPU time on one thread of the 3x3 convolutions of ResNeXt's
 * stages, with groups as they are and merged to 8, 16, 32 and 64 channels. The variants take turns,
 * and each figure is a median.
 *
 *   node --import tsx bench/experiments/group-width.ts
 *
 * Results: bench/results/group-width.json.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { runtimeOptions } from '../../classifier/onnx-runtime.ts';
import { mergeGroups, spreadWeights } from '../../models/graph/merge-groups.ts';
import { TensorProto_DataType } from '../../models/graph/onnx_pb.ts';
import { constant, encodeModel, type Initializer, type Node, node, value } from '../../models/graph/onnx-file.ts';
import { convolutionAttributes } from '../../models/graph/operators.ts';
import { bytesOf } from '../../models/graph/weights-file.ts';
import { round } from '../../models/package/round.ts';
import { startProcessorClock } from '../../test/processor-time.ts';
import { median } from '../measure.ts';
import { report } from '../report.ts';

interface Stage {
  readonly channels: number;
  /** Width and height in pixels. */
  readonly side: number;
}

interface Way {
  readonly mergedWidth: number;
  readonly session: InferenceSession;
  readonly times: number[];
}

const GROUPS = 32;
/** Channels of a group in the first stage: 32x4d, 32x8d and 32x16d. */
const WIDTHS = [4, 8, 16];
const SIDES = [56, 28, 14, 7];
const MERGED_WIDTHS = [8, 16, 32, 64];
/** Several convolutions follow each other, so that the nodes before and after them hardly count. */
const CONVOLUTIONS = 4;
const REPEATS = 25;

const rows = [];
for (const width of WIDTHS) {
  for (const [stage, side] of SIDES.entries())
    rows.push(await measure({ channels: GROUPS * width * 2 ** stage, side }));
}
await report('group-width', rows);

async function measure(stage: Stage) {
  const width = stage.channels / GROUPS;
  const ways = await Promise.all(
    [width, ...MERGED_WIDTHS.filter((wider) => wider > width)].map((wider) => open(stage, wider)),
  );
  const pixels = Uint8Array.from({ length: stage.channels * stage.side ** 2 }, (_, at) => (at * 7919) % 256);
  const image = new Tensor('uint8', pixels, [1, stage.channels, stage.side, stage.side]);
  for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
    for (const { session, times } of ways) {
      const usedMs = startProcessorClock();
      await session.run({ image });
      if (repeat > 0) times.push(usedMs() / CONVOLUTIONS);
    }
  }
  const row: Record<string, number> = { ...stage, groupWidth: width };
  for (const { mergedWidth, session, times } of ways) {
    row[mergedWidth === width ? 'asTheyAreMs' : `mergedTo${mergedWidth}Ms`] = round(median(times), 2);
    await session.release();
  }
  return row;
}

async function open({ channels, side }: Stage, mergedWidth: number): Promise<Way> {
  const shape = [channels, channels / GROUPS, 3, 3] as const;
  const convolution = { name: 'conv', norm: 'bn', shape, groups: GROUPS, stride: 1, padding: 1 } as const;
  const merged = mergeGroups(convolution, mergedWidth);
  const own = Int8Array.from({ length: shape[0] * shape[1] * 9 }, (_, at) => ((at * 31) % 129) - 64);
  const weights = spreadWeights(own, convolution, merged);
  const nodes: Node[] = [
    constant('scale', Float32Array.of(0.05)),
    constant('zero-point', Uint8Array.of(0)),
    node('DequantizeLinear', ['weight', 'weight.scale'], 'weight.float', { axis: 0 }),
    node('DequantizeLinear', ['image', 'scale', 'zero-point'], 'input.0'),
  ];
  for (let index = 0; index < CONVOLUTIONS; index += 1) {
    nodes.push(
      node('Conv', [`input.${index}`, 'weight.float'], `sums.${index}`, convolutionAttributes(merged)),
      node('QuantizeLinear', [`sums.${index}`, 'scale', 'zero-point'], `quantized.${index}`),
      node('DequantizeLinear', [`quantized.${index}`, 'scale', 'zero-point'], `input.${index + 1}`),
    );
  }
  const model = encodeModel({
    name: 'groups',
    node: nodes,
    initializer: [
      inline('weight', TensorProto_DataType.INT8, merged.shape, weights),
      inline('weight.scale', TensorProto_DataType.FLOAT, [channels], new Float32Array(channels).fill(0.001)),
    ],
    input: [value('image', TensorProto_DataType.UINT8, [1, channels, side, side])],
    output: [value(`input.${CONVOLUTIONS}`, TensorProto_DataType.FLOAT, [1, channels, side, side])],
  });
  const options = runtimeOptions({ threads: 1, optimization: 'all', exactInt8: false });
  return { mergedWidth, session: await InferenceSession.create(model, options), times: [] };
}

function inline(
  name: string,
  dataType: TensorProto_DataType,
  shape: readonly number[],
  values: Int8Array | Float32Array,
): Initializer {
  return { name, dataType, dims: shape.map(BigInt), rawData: bytesOf(values) };
}
