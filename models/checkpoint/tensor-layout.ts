import type { Dtype } from './checkpoint.ts';

/** Where a tensor's elements lie within its storage; everything is counted in elements. */
export interface TensorLayout {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export const BYTES_PER_ELEMENT: Readonly<Record<Dtype, number>> = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
};

/** Largest number of axes of a tensor. Weights have 4; PyTorch's own limit is 64. */
export const MAX_AXES = 16;

/**
 * Up to this many elements (4 MB), a tensor may repeat its storage (stride 0, as `expand` makes
 * it). A larger one may not have more elements than its storage.
 */
const MAX_EXPANDED_ELEMENTS = 2 ** 20;

/** Returns the number of elements; NaN when it is not an exact integer. */
export function countElements(shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  const count = shape.reduce((all, size) => all * size, 1);
  return Number.isSafeInteger(count) ? count : Number.NaN;
}

/** Returns the strides of a row-major tensor, as `tensor.contiguous()` has them. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.push(stride);
    stride *= Math.max(size, 1);
  }
  return strides.reverse();
}

/** Tells whether the elements are row-major without gaps; axes of size 1 may have any stride. */
export function isContiguous({ shape, strides }: TensorLayout): boolean {
  const expected = contiguousStrides(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === expected[axis]);
}

/**
 * Returns how many elements of the storage lie from the first to the last one, both included; 0 for
 * an empty tensor.
 */
export function spanOf({ shape, strides }: TensorLayout): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((span, size, axis) => span + (size - 1) * (strides[axis] ?? 0), 1);
}

/** Returns what is wrong with a layout in a storage of `storageElements`, or undefined. */
export function layoutFault(layout: TensorLayout, storageElements: number): string | undefined {
  const { offset, shape, strides } = layout;
  if (shape.length !== strides.length) return `has ${shape.length} sizes but ${strides.length} strides`;
  if (shape.length > MAX_AXES) return `has ${shape.length} axes; the limit is ${MAX_AXES}`;
  if (![offset, ...shape, ...strides].every((count) => Number.isSafeInteger(count) && count >= 0)) {
    return `has offset ${offset}, shape [${shape}] and strides [${strides}], which must all be whole numbers, none negative`;
  }
  const count = countElements(shape);
  if (count === 0) return undefined;
  const end = offset + spanOf(layout);
  if (!(end <= storageElements)) return `reaches to element ${end}, but its storage has only ${storageElements}`;
  if (!(count <= Math.max(storageElements, MAX_EXPANDED_ELEMENTS))) {
    return `has shape [${shape}], more elements than its storage of ${storageElements}`;
  }
  return undefined;
}
