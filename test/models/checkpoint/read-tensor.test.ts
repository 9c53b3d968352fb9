import type { Dtype } from '../../../models/checkpoint/checkpoint.ts';
import { CheckpointFile } from '../../../models/checkpoint/checkpoint-file.ts';
import { UnsupportedCheckpointError } from '../../../models/checkpoint/errors.ts';
import { readTensor } from '../../../models/checkpoint/read-tensor.ts';
import { contiguousStrides, type TensorLayout } from '../../../models/checkpoint/tensor-layout.ts';
import { useTemporaryFiles } from './temporary-files.ts';
import { bytesOf, product } from './tensor-nodes.ts';

const files = useTemporaryFiles();

async function read(dtype: Dtype, bytes: Uint8Array, layout: TensorLayout): Promise<Float32Array | Float64Array> {
  const file = await CheckpointFile.open(await files.write(Buffer.concat([Buffer.from('head'), bytes])));
  try {
    return await readTensor(file, { name: 'w', dtype, position: 4, layout });
  } finally {
    await file.close();
  }
}

function whole(...shape: number[]): TensorLayout {
  return { offset: 0, shape, strides: contiguousStrides(shape) };
}

test.each<[Dtype, ArrayBufferView, number[]]>([
  ['float16', Uint16Array.of(0x3c00, 0xc000, 0x3555), [1, -2, 0.333251953125]],
  ['bfloat16', Uint16Array.of(0x3f80, 0xc000, 0x4049), [1, -2, 3.140625]],
  ['float32', Float32Array.of(1.5, -2.25, 1e30), [1.5, -2.25, Math.fround(1e30)]],
  ['float64', Float64Array.of(0.1, -2, 1e300), [0.1, -2, 1e300]],
  ['int8', Int8Array.of(-128, 0, 127), [-128, 0, 127]],
  ['uint8', Uint8Array.of(0, 128, 255), [0, 128, 255]],
  ['int16', Int16Array.of(-32768, 0, 32767), [-32768, 0, 32767]],
  ['int32', Int32Array.of(-65536, 0, 65536), [-65536, 0, 65536]],
  ['int64', BigInt64Array.of(-(2n ** 40n), 0n, 5005n), [-(2 ** 40), 0, 5005]],
  ['bool', Uint8Array.of(0, 1, 1), [0, 1, 1]],
])('%s elements', async (dtype, array, expected) => {
  const elements = await read(dtype, bytesOf(array), whole(3));

  expect([...elements]).toEqual(expected);
  expect(elements).toBeInstanceOf(dtype === 'float64' ? Float64Array : Float32Array);
});

test('all 65,536 half-precision numbers are read, also subnormals, infinities and NaN', async () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

  const elements = await read('float16', bytesOf(halves), whole(65_536));

  const expected = Array.from(halves, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = (bits & 1023) / 1024;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
  });
  expect([...elements].findIndex((element, bits) => !Object.is(element, expected[bits]))).toBe(-1);
});

test('converted types are read in pieces that fit together', async () => {
  const halves = Uint16Array.from({ length: 1_300_001 }, (_, index) => (index * 7919) % 30_000);

  const elements = await read('bfloat16', bytesOf(halves), whole(1_300_001));

  const expected = new Float32Array(Uint32Array.from(halves, (half) => half * 65_536).buffer);
  expect(elements.findIndex((element, index) => element !== expected[index])).toBe(-1);
});

test.each<[string, TensorLayout, number[]]>([
  ['transposed', { offset: 0, shape: [3, 2], strides: [1, 3] }, [0, 3, 1, 4, 2, 5]],
  ['with an offset', { offset: 7, shape: [2, 2], strides: [2, 1] }, [7, 8, 9, 10]],
  ['every second', { offset: 1, shape: [4], strides: [2] }, [1, 3, 5, 7]],
  ['channels last', { offset: 0, shape: [1, 2, 2, 3], strides: [12, 1, 6, 2] }, [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]],
  ['expanded', { offset: 5, shape: [2, 3], strides: [0, 1] }, [5, 6, 7, 5, 6, 7]],
  ['with odd strides of axes of size 1', { offset: 0, shape: [1, 3, 1], strides: [99, 1, 77] }, [0, 1, 2]],
  ['a scalar', { offset: 4, shape: [], strides: [] }, [4]],
  ['empty', { offset: 0, shape: [3, 0], strides: [1, 1] }, []],
  ['empty along the last axis but strided', { offset: 0, shape: [2, 0, 2], strides: [9, 9, 9] }, []],
])('a tensor %s', async (_, layout, expected) => {
  const storage = Float32Array.from({ length: 12 }, (__, index) => index);
  const halves = Uint16Array.from(storage, (element) => new Uint16Array(Float32Array.of(element).buffer)[1] ?? 0);

  expect([...(await read('float32', bytesOf(storage), layout))]).toEqual(expected);
  expect([...(await read('bfloat16', bytesOf(halves), layout))]).toEqual(expected);
});

test('permuting four axes in any way reads what a naive loop reads', async () => {
  const shape = [2, 3, 4, 5];
  const storage = Float64Array.from({ length: product(shape) }, (_, index) => index / 3);
  const strides = contiguousStrides(shape);
  const order = [3, 0, 2, 1];
  const pick = (from: readonly number[]): number[] => order.map((axis) => from[axis] ?? 0);
  const layout = { offset: 0, shape: pick(shape), strides: pick(strides) };

  const elements = await read('float64', bytesOf(storage), layout);

  const expected: number[] = [];
  for (let a = 0; a < 5; a++)
    for (let b = 0; b < 2; b++)
      for (let c = 0; c < 4; c++) for (let d = 0; d < 3; d++) expected.push((b * 60 + d * 20 + c * 5 + a) / 3);
  expect([...elements]).toEqual(expected);
});

test('integers are counters: a million are read, more are an error', async () => {
  const bytes = new Uint8Array(2 ** 20 + 1);

  expect(await read('int8', bytes, whole(2 ** 20))).toHaveLength(2 ** 20);
  await expect(read('int8', bytes, whole(2 ** 20 + 1))).rejects.toThrow(UnsupportedCheckpointError);
});
