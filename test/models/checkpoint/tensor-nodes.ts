import type { Dtype } from '../../../models/checkpoint/checkpoint.ts';
import { call, global, orderedDict, type PickleNode, persistent, tuple } from './pickle-writer.ts';

/** A storage as it is in a checkpoint. */
export interface StorageFixture {
  readonly key: string;
  readonly dtype: Dtype;
  /** Number of elements, not bytes. */
  readonly numel: number;
  /** Called once, when the storage is written, so that a large checkpoint is never in memory. */
  readonly bytes: () => Uint8Array;
}

export interface TensorFixture {
  readonly storage: StorageFixture;
  readonly shape: readonly number[];
  /** Strides in elements. Default: contiguous. */
  readonly strides?: readonly number[];
  /** Offset in elements. Default 0. */
  readonly offset?: number;
}

/** A contiguous float32 tensor, as `writeLegacyCheckpoint` and similar functions accept it. */
export interface CheckpointEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Fills the tensor's elements in row-major order. Called once, when they are written. */
  fill(elements: Float32Array): void;
}

export const STORAGE_CLASS: Readonly<Record<Dtype, string>> = {
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  float32: 'FloatStorage',
  float64: 'DoubleStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  int16: 'ShortStorage',
  int32: 'IntStorage',
  int64: 'LongStorage',
  bool: 'BoolStorage',
};

export const ELEMENT_BYTES: Readonly<Record<Dtype, number>> = {
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

export const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

export function contiguousStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

/** Returns the bytes of a typed array without a copy. */
export function bytesOf(elements: ArrayBufferView): Uint8Array {
  return new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
}

/** Returns a storage with the given elements. */
export function storageOf(key: string, dtype: Dtype, elements: ArrayBufferView): StorageFixture {
  return { key, dtype, numel: elements.byteLength / ELEMENT_BYTES[dtype], bytes: () => bytesOf(elements) };
}

/**
 * Creates a storage and a tensor for each entry. Sorting the keys gives the order of the entries,
 * in which storages are written.
 */
export function tensorsOf(entries: Iterable<CheckpointEntry>): Map<string, TensorFixture> {
  const tensors = new Map<string, TensorFixture>();
  for (const { name, shape, fill } of entries) {
    const numel = product(shape);
    const storage: StorageFixture = {
      key: String(94_000_000_000_000 + tensors.size * 16),
      dtype: 'float32',
      numel,
      bytes: () => {
        const elements = new Float32Array(numel);
        fill(elements);
        return bytesOf(elements);
      },
    };
    tensors.set(name, { storage, shape });
  }
  return tensors;
}

/** Returns the persistent id of a storage. In the legacy format it has a sixth field for views. */
export function storageNode(storage: StorageFixture, format: 'legacy' | 'zip', view: PickleNode = null): PickleNode {
  const id = ['storage', global('torch', STORAGE_CLASS[storage.dtype]), storage.key, 'cpu', storage.numel] as const;
  return persistent(format === 'legacy' ? tuple(...id, view) : tuple(...id));
}

export function tensorNode(tensor: TensorFixture, format: 'legacy' | 'zip'): PickleNode {
  const { storage, shape, strides = contiguousStrides(shape), offset = 0 } = tensor;
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    tuple(storageNode(storage, format), offset, tuple(...shape), tuple(...strides), false, orderedDict([])),
  );
}

/** Returns an `nn.Parameter` as it is pickled. */
export function parameterNode(data: PickleNode): PickleNode {
  return call(global('torch._utils', '_rebuild_parameter'), tuple(data, true, orderedDict([])));
}

/** Returns a state dict as `module.state_dict()` gives it: an OrderedDict with `_metadata`. */
export function stateDictNode(tensors: ReadonlyMap<string, TensorFixture>, format: 'legacy' | 'zip'): PickleNode {
  const metadata = orderedDict([['', dictVersion()]]);
  const state = call(global('collections', 'OrderedDict'), tuple(), { entries: [['_metadata', metadata]] });
  return orderedDict(
    [...tensors].map(([name, tensor]) => [name, tensorNode(tensor, format)] as const),
    state,
  );
}

export function storagesOf(tensors: ReadonlyMap<string, TensorFixture>): StorageFixture[] {
  return [...new Set([...tensors.values()].map(({ storage }) => storage))];
}

function dictVersion(): PickleNode {
  return { kind: 'dict', entries: [['version', 1]] };
}
