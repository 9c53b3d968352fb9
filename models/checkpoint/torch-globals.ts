import type { Dtype } from './checkpoint.ts';
import {
  describe,
  type PickleContext,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
  PickleUnknown,
  type PickleValue,
} from './pickle-values.ts';
import { countElements, layoutFault, MAX_AXES, type TensorLayout } from './tensor-layout.ts';

/** A storage as it is in the file. */
export interface RootStorage {
  readonly key: string;
  readonly dtype: Dtype;
  readonly elements: number;
}

/** A storage, or the part of a storage that an old file gives a key of its own (a view). */
export class StorageRef extends PickleObject {
  readonly description = 'a storage';
  readonly root: RootStorage;
  /** Where it starts, in elements of the root. */
  readonly offset: number;
  readonly elements: number;

  constructor(root: RootStorage, offset: number, elements: number) {
    super();
    this.root = root;
    this.offset = offset;
    this.elements = elements;
  }
}

/** A tensor as the pickle describes it; `layout` is within `root`. */
export class TensorRef extends PickleObject {
  readonly description = 'a tensor';
  readonly root: RootStorage;
  readonly layout: TensorLayout;

  constructor(root: RootStorage, layout: TensorLayout) {
    super();
    this.root = root;
    this.layout = layout;
  }

  /**
   * Takes the attributes of a tensor, or what a parameter of 2017 has beside its data:
   * (requires_grad, volatile, hooks). Neither changes the elements.
   */
  override takeState(state: PickleValue): boolean {
    return state instanceof PickleDict || (state instanceof PickleTuple && state.items.length === 3);
  }
}

/** `torch.FloatStorage` and similar classes, which persistent ids name but nothing calls. */
class StorageType extends PickleGlobal {
  readonly dtype: Dtype;

  constructor(name: string, dtype: Dtype) {
    super(`torch.${name}`);
    this.dtype = dtype;
  }
}

const STORAGE_TYPES: Readonly<Record<string, Dtype>> = {
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  ShortStorage: 'int16',
  IntStorage: 'int32',
  LongStorage: 'int64',
  BoolStorage: 'bool',
};

/** Element types that a checkpoint may contain as settings, beside its weights. */
const DTYPE_NAMES = ['float16', 'bfloat16', 'float32', 'float64', 'int8', 'uint8', 'int16', 'int32', 'int64', 'bool'];

/** All names that a state dict's pickle needs. harmless-globals.ts has what may be beside it. */
export const TORCH_GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map<string, PickleGlobal>([
  ['collections OrderedDict', new PickleGlobal('collections.OrderedDict', orderedDict)],
  ['torch Size', new PickleGlobal('torch.Size', size)],
  ['torch device', new PickleGlobal('torch.device', () => new PickleGlobal('a device'))],
  ...DTYPE_NAMES.map((name) => [`torch ${name}`, new PickleGlobal(`torch.${name}`)] as const),
  ...Object.entries(STORAGE_TYPES).flatMap(([name, dtype]) => [
    [`torch ${name}`, new StorageType(name, dtype)] as const,
    // PyTorch of 2017 saved storages on a GPU under names of their own.
    [`torch.cuda ${name}`, new StorageType(name, dtype)] as const,
  ]),
  ['torch._utils _rebuild_tensor', new PickleGlobal('torch._utils._rebuild_tensor', rebuildTensor)],
  ['torch._utils _rebuild_tensor_v2', new PickleGlobal('torch._utils._rebuild_tensor_v2', rebuildTensor)],
  ['torch._utils _rebuild_parameter', new PickleGlobal('torch._utils._rebuild_parameter', rebuildParameter)],
  [
    'torch._utils _rebuild_parameter_with_state',
    new PickleGlobal('torch._utils._rebuild_parameter_with_state', rebuildParameter),
  ],
  // Parameters of 2017, (data[, requires_grad])
  ['torch.nn.parameter Parameter', new PickleGlobal('torch.nn.parameter.Parameter', rebuildParameter)],
  ['torch.autograd.variable Variable', new PickleGlobal('torch.autograd.variable.Variable', rebuildParameter)],
]);

/** Collects the storages that a pickle refers to by persistent id. */
export class StorageTable {
  /** The storages by key. */
  readonly roots = new Map<string, RootStorage>();
  /** The keys of storages that are left out, because the name of their type is not on the list. */
  readonly leftOut = new Set<PickleValue>();

  /**
   * Resolves ('storage', type, key, location, elements) and, in the legacy format, a view: None or
   * (key, offset, elements). The location is the device where the tensor was, which does not matter
   * here.
   */
  readonly resolve = (id: PickleValue, context: PickleContext): StorageRef | PickleUnknown => {
    const [kind, type, key, , elements, view = null, ...more] = id instanceof PickleTuple ? id.items : [];
    if (type instanceof PickleUnknown) {
      this.leftOut.add(key ?? null);
      return type;
    }
    if (
      kind !== 'storage' ||
      !(type instanceof StorageType) ||
      typeof key !== 'string' ||
      !isCount(elements) ||
      more.length > 0
    ) {
      throw context.damaged(
        `refers to outside data of the kind ${describe(kind)}, not to a storage with type, key and size`,
      );
    }
    const known = this.roots.get(key);
    const root = known ?? { key, dtype: type.dtype, elements };
    if (root.dtype !== type.dtype || root.elements !== elements) {
      throw context.damaged(
        `describes storage ${describe(key)} in two ways: ${root.elements} ${root.dtype} and ${elements} ${type.dtype}`,
      );
    }
    this.roots.set(key, root);
    return view === null ? new StorageRef(root, 0, elements) : viewOf(root, view, context);
  };
}

function viewOf(root: RootStorage, view: PickleValue, context: PickleContext): StorageRef {
  const [, offset, elements] = view instanceof PickleTuple ? view.items : [];
  if (!isCount(offset) || !isCount(elements) || offset + elements > root.elements) {
    throw context.damaged(
      `takes ${describe(elements)} elements from element ${describe(offset)} on, but the storage has only ${root.elements}`,
    );
  }
  return new StorageRef(root, offset, elements);
}

/** Creates `OrderedDict()` or, as Python 2 writes it, `OrderedDict([[key, value], …])`. */
function orderedDict(args: readonly PickleValue[], context: PickleContext): PickleDict {
  const [pairs, ...more] = args;
  const dict = new PickleDict();
  if (pairs === undefined) return dict;
  const items = itemsOf(pairs);
  if (items === undefined || more.length > 0)
    throw context.damaged(`creates an OrderedDict from ${describe(pairs)}, which is not one list of pairs`);
  // The steps are counted because a pickle may use the same list a million times.
  context.spend(items.length);
  for (const pair of items) {
    const [key, value, ...rest] = itemsOf(pair) ?? [];
    if (key === undefined || value === undefined || rest.length > 0) {
      throw context.damaged('creates an OrderedDict from items that are not pairs');
    }
    dict.set(key, value);
  }
  return dict;
}

function size(args: readonly PickleValue[], context: PickleContext): PickleTuple {
  const [sizes, ...more] = args;
  if (!(sizes instanceof PickleTuple) || more.length > 0)
    throw context.damaged(`creates a torch.Size from ${describe(sizes)} instead of one tuple`);
  return sizes;
}

/**
 * Rebuilds a tensor from (storage, offset, shape, strides) and, in version 2, (requires_grad,
 * hooks, metadata). Of the last three only the metadata could change a value.
 */
function rebuildTensor(args: readonly PickleValue[], context: PickleContext): TensorRef | PickleUnknown {
  const [storage, offset, shape, strides, , , metadata = null] = args;
  if (storage instanceof PickleUnknown) return storage;
  if (!(storage instanceof StorageRef) || !isCount(offset) || args.length > 7) {
    throw context.damaged(
      `creates a tensor from ${describe(storage)} and ${describe(offset)} instead of a storage and an offset`,
    );
  }
  if (metadata !== null && !(metadata instanceof PickleDict && metadata.entries.size === 0)) {
    throw context.damaged('creates a tensor that is a conjugate or negative view, which is not supported');
  }
  const layout = { offset, shape: counts(shape, 'shape', context), strides: counts(strides, 'strides', context) };
  const fault = layoutFault(layout, storage.elements);
  if (fault !== undefined) throw context.damaged(`creates a tensor that ${fault}`);
  return new TensorRef(storage.root, {
    ...layout,
    offset: countElements(layout.shape) === 0 ? 0 : storage.offset + offset,
  });
}

/** Returns the data of a parameter, (data, requires_grad, hooks[, state]). */
function rebuildParameter(args: readonly PickleValue[], context: PickleContext): TensorRef | PickleUnknown {
  const [data] = args;
  if (data instanceof PickleUnknown) return data;
  if (!(data instanceof TensorRef))
    throw context.damaged(`creates a parameter from ${describe(data)} instead of a tensor`);
  return data;
}

function counts(value: PickleValue | undefined, what: string, context: PickleContext): number[] {
  // The length is checked before copying, because a pickle may use the same tuple a million times.
  const items = value === undefined ? undefined : itemsOf(value);
  const all = items !== undefined && items.length <= MAX_AXES ? items.filter(isCount) : [];
  if (items === undefined || all.length !== items.length) {
    throw context.damaged(
      `creates a tensor with the ${what} ${describe(value)}; expected a tuple of at most ${MAX_AXES} whole numbers, none negative`,
    );
  }
  return all;
}

function itemsOf(value: PickleValue): readonly PickleValue[] | undefined {
  return value instanceof PickleTuple || value instanceof PickleList ? value.items : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
