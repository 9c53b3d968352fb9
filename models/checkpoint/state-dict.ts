import type { CheckpointFile } from './checkpoint-file.ts';
import { UnsupportedCheckpointError } from './errors.ts';
import { PickleDict, type PickleValue, quote } from './pickle-values.ts';
import type { StoredTensor } from './read-tensor.ts';
import { TensorRef } from './torch-globals.ts';

/** Keys under which training programs save the state dict, beside the optimizer and other data. */
const WRAPPERS = ['state_dict', 'model'] as const;

/** The prefix that DataParallel puts before every name. */
const PARALLEL_PREFIX = 'module.';

/** How many keys a message names. */
const NAMED_KEYS = 8;

/**
 * Returns the tensors of a checkpoint's state dict in its order: those at the top level, or those
 * under `state_dict` or `model`, also if one of these is inside the other. Everything beside them
 * (the epoch, the optimizer, a counter that is not a tensor) cannot change the network and is left
 * out.
 * @param positions the byte where each storage starts, by key
 */
export function readStateDict(
  root: PickleValue,
  positions: ReadonlyMap<string, number>,
  file: CheckpointFile,
): StoredTensor[] {
  return [...findTensors(root, file)].map(([name, { root: storage, layout }]) => {
    const position = positions.get(storage.key);
    if (position === undefined) throw new RangeError(`no position of storage ${storage.key}`);
    return { name, dtype: storage.dtype, position, layout };
  });
}

/** Removes the prefix `module.` from the names, as long as all of them have it. */
export function withoutParallelPrefix<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  let entries = [...tensors];
  while (entries.length > 0 && entries.every(([name]) => name.startsWith(PARALLEL_PREFIX))) {
    entries = entries.map(([name, tensor]) => [name.slice(PARALLEL_PREFIX.length), tensor]);
  }
  return new Map(entries);
}

function findTensors(root: PickleValue, file: CheckpointFile): Map<string, TensorRef> {
  const dict = root instanceof PickleDict ? unwrap(root) : undefined;
  if (dict !== undefined && holdsTensors(dict)) return tensorsOf(dict, file);
  const keys = root instanceof PickleDict ? [...root.entries.keys()].slice(0, NAMED_KEYS) : [];
  const found = keys.length > 0 ? ` (its keys: ${keys.map((key) => quote(String(key))).join(', ')})` : '';
  throw new UnsupportedCheckpointError(
    `checkpoint ${file.path} has no tensors at its top level, nor under "state_dict" or "model"${found}. Save it with torch.save(model.state_dict(), path).`,
  );
}

function unwrap(root: PickleDict): PickleDict {
  const inner = wrapped(root);
  return inner === undefined ? root : (wrapped(inner) ?? inner);
}

/** Returns the first wrapper that contains tensors, or that contains a wrapper with tensors. */
function wrapped(dict: PickleDict): PickleDict | undefined {
  return WRAPPERS.map((key) => dict.entries.get(key))
    .filter((value) => value instanceof PickleDict)
    .find((value) => holdsTensors(value) || WRAPPERS.some((key) => holdsTensors(value.entries.get(key))));
}

function holdsTensors(value: PickleValue | undefined): boolean {
  return value instanceof PickleDict && [...value.entries.values()].some((entry) => entry instanceof TensorRef);
}

function tensorsOf(dict: PickleDict, file: CheckpointFile): Map<string, TensorRef> {
  const tensors = new Map<string, TensorRef>();
  for (const [name, value] of dict.entries) {
    if (!(value instanceof TensorRef)) continue;
    if (typeof name !== 'string') {
      throw new UnsupportedCheckpointError(
        `checkpoint ${file.path} has a tensor under the key ${quote(String(name))}, which is not the name of a layer. Save it with torch.save(model.state_dict(), path).`,
      );
    }
    tensors.set(name, value);
  }
  return tensors;
}
