import type { Dtype } from './checkpoint.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { UnsupportedCheckpointError } from './errors.ts';
import { quote } from './pickle-values.ts';
import {
  BYTES_PER_ELEMENT,
  contiguousStrides,
  countElements,
  isContiguous,
  spanOf,
  type TensorLayout,
} from './tensor-layout.ts';

/** A tensor on disk. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: Dtype;
  /** Position in the file, in bytes, where its storage starts. */
  readonly position: number;
  /** Already checked: it is within the storage, and the storage within the file. */
  readonly layout: TensorLayout;
}

type Elements = Float32Array | Float64Array;

/**
 * Bytes that one read fetches while it converts: large enough for the speed of the disk, small
 * compared with any model.
 */
const CHUNK_BYTES = 2 ** 20;

/**
 * Integers are only counters (`num_batches_tracked`). Without a limit, a hostile file's integers
 * would take four times its size as floats.
 */
const MAX_INTEGER_ELEMENTS = 2 ** 20;

/**
 * Readers that return the element at an index. PyTorch writes little-endian, which is also the byte
 * order of every platform that ONNX Runtime supports.
 */
const ELEMENT_READERS: Readonly<Record<Dtype, (bytes: ArrayBuffer) => (index: number) => number>> = {
  float16: (bytes) => singlesOf(bytes, halfToSingleBits),
  bfloat16: (bytes) => singlesOf(bytes, (half) => half << 16),
  float32: (bytes) => numbersOf(new Float32Array(bytes)),
  float64: (bytes) => numbersOf(new Float64Array(bytes)),
  int8: (bytes) => numbersOf(new Int8Array(bytes)),
  uint8: (bytes) => numbersOf(new Uint8Array(bytes)),
  int16: (bytes) => numbersOf(new Int16Array(bytes)),
  int32: (bytes) => numbersOf(new Int32Array(bytes)),
  int64: (bytes) => {
    const integers = new BigInt64Array(bytes);
    return (index) => Number(integers[index] ?? 0n);
  },
  bool: (bytes) => numbersOf(new Uint8Array(bytes)),
};

/**
 * Reads a tensor's elements in row-major order: float64 as it is, everything else as float32.
 * Contiguous float32 and float64 tensors are read directly into the result, other types in pieces,
 * and strided tensors as one span.
 */
export async function readTensor(file: CheckpointFile, tensor: StoredTensor): Promise<Elements> {
  const { dtype, layout } = tensor;
  const count = countElements(layout.shape);
  const isFloat = dtype.includes('float');
  if (!isFloat && count > MAX_INTEGER_ELEMENTS) {
    throw new UnsupportedCheckpointError(
      `checkpoint ${file.path}: tensor ${quote(tensor.name)} has ${count} elements of type ${dtype}, but weights must be floating-point numbers. Convert the model with model.float() and save it again.`,
    );
  }
  const elements = dtype === 'float64' ? new Float64Array(count) : new Float32Array(count);
  const start = tensor.position + layout.offset * BYTES_PER_ELEMENT[dtype];
  if (!isContiguous(layout)) await readStrided(file, tensor, start, elements);
  else if (dtype === 'float32' || dtype === 'float64') await file.readInto(elements, start);
  else await readConverted(file, dtype, start, elements);
  return elements;
}

async function readConverted(file: CheckpointFile, dtype: Dtype, start: number, elements: Elements): Promise<void> {
  const size = BYTES_PER_ELEMENT[dtype];
  const chunk = new ArrayBuffer(Math.min(CHUNK_BYTES, elements.length * size));
  const elementAt = ELEMENT_READERS[dtype](chunk);
  const chunkElements = CHUNK_BYTES / size;
  for (let done = 0; done < elements.length; done += chunkElements) {
    const count = Math.min(chunkElements, elements.length - done);
    await file.readInto(new Uint8Array(chunk, 0, count * size), start + done * size);
    for (let index = 0; index < count; index++) elements[done + index] = elementAt(index);
  }
}

async function readStrided(
  file: CheckpointFile,
  tensor: StoredTensor,
  start: number,
  elements: Elements,
): Promise<void> {
  const { shape, strides } = tensor.layout;
  const span = new ArrayBuffer(spanOf(tensor.layout) * BYTES_PER_ELEMENT[tensor.dtype]);
  await file.readInto(new Uint8Array(span), start);
  const elementAt = ELEMENT_READERS[tensor.dtype](span);
  const rowLength = shape.at(-1) ?? 1;
  const rowStride = strides.at(-1) ?? 0;
  const outer = contiguousStrides(shape.slice(0, -1));
  for (let row = 0; row * rowLength < elements.length; row++) {
    // For each axis but the last, the row's index on it times its stride.
    const from = outer.reduce(
      (sum, stride, axis) => sum + (Math.floor(row / stride) % (shape[axis] ?? 1)) * (strides[axis] ?? 0),
      0,
    );
    for (let index = 0; index < rowLength; index++)
      elements[row * rowLength + index] = elementAt(from + index * rowStride);
  }
}

/** Returns a reader of 16-bit floats; `widen` converts the bits of one to those of a float32. */
function singlesOf(bytes: ArrayBuffer, widen: (half: number) => number): (index: number) => number {
  const halves = new Uint16Array(bytes);
  const word = new Int32Array(1);
  const single = new Float32Array(word.buffer);
  return (index) => {
    word[0] = widen(halves[index] ?? 0);
    return single[0] ?? 0;
  };
}

function numbersOf(array: { readonly [index: number]: number }): (index: number) => number {
  return (index) => array[index] ?? 0;
}

/**
 * Returns the float32 bits of an IEEE 754 binary16 number, which has 1 sign bit, 5 exponent bits
 * (bias 15 instead of 127) and 10 fraction bits instead of 23.
 */
function halfToSingleBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal is fraction x 2^-24; in float32 its highest bit is implied.
  const highest = 31 - Math.clz32(fraction);
  return sign | ((highest + 103) << 23) | ((fraction << (23 - highest)) & 0x7fffff);
}
