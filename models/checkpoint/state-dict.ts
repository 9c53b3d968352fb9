import type { CheckpointFile } from './checkpoint-file.ts';
import { UnsupportedCheckpointError } from './errors.ts';
import { PickleDict, quote } from './pickle-values.ts';
import type { StoredTensor } from './read-tensor.ts';
import { holdsTensors, locate, type SavedDict, type SavedObject } from './saved-object.ts';
import { TensorRef } from './torch-globals.ts';

/** Keys under which training programs save the state dict, beside the optimizer and other data. */
const WRAPPERS = ['state_dict', 'model'] as const;

/** The prefix that DataParallel puts before every name. */
const PARALLEL_PREFIX = 'module.';

/** How many keys a message names. */
const NAMED_KEYS = 8;

/** What `readStateDict` may take tensors from. */
export interface StateDictChoice {
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  /** The dictionaries with tensors under `key`, or all of them. */
  readonly dicts: readonly SavedDict[];
  readonly all: readonly SavedDict[];
}

/**
 * Returns the tensors of a state dict that is not known to be a network's, in its order: those
 * under `key`, or else those at the top level, or under `state_dict` or `model`, also if one of
 * these is inside the other. Everything beside them (the epoch, the optimizer, a counter that is
 * not a tensor) cannot change the network and is left out.
 */
export function readStateDict(
  saved: SavedObject,
  choice: StateDictChoice,
  file: CheckpointFile,
): { tensors: Map<string, StoredTensor>; part: string } {
  const { root } = saved;
  const dict = choice.key !== undefined ? choice.dicts[0]?.dict : root instanceof PickleDict ? unwrap(root) : undefined;
  if (dict === undefined || !holdsTensors(dict)) throw noStateDict(saved, choice, file);
  const tensors = new Map(
    [...tensorsOf(dict, file)].map(([name, tensor]) => [name, locate(name, tensor, saved)] as const),
  );
  const named = choice.prefix === undefined ? withoutParallelPrefix(tensors) : under(choice.prefix, tensors, file);
  return {
    tensors: new Map([...named].map(([name, tensor]) => [name, { ...tensor, name }])),
    part: choice.key ? `under ${quote(choice.key)}` : '',
  };
}

/** Removes the prefix `module.` from the names, as long as all of them have it. */
export function withoutParallelPrefix<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  let entries = [...tensors];
  while (entries.length > 0 && entries.every(([name]) => name.startsWith(PARALLEL_PREFIX))) {
    entries = entries.map(([name, tensor]) => [name.slice(PARALLEL_PREFIX.length), tensor]);
  }
  return new Map(entries);
}

/** Lists where dictionaries are, for a message. */
export function describeKeys(dicts: readonly SavedDict[]): string {
  const keys = [...new Set(dicts.map(({ key }) => (key === '' ? '"" (the top level)' : quote(key))))];
  return `${keys.slice(0, NAMED_KEYS).join(', ')}${keys.length > NAMED_KEYS ? ` and ${keys.length - NAMED_KEYS} more` : ''}`;
}

function under(prefix: string, tensors: ReadonlyMap<string, StoredTensor>, file: CheckpointFile) {
  const names = [...tensors.keys()];
  const full = names.some((name) => name.startsWith(`${prefix}.`)) ? `${prefix}.` : prefix;
  const found = [...tensors].filter(([name]) => name.startsWith(full));
  if (found.length === 0) {
    throw new UnsupportedCheckpointError(
      `checkpoint ${file.path} has no names that begin with ${quote(prefix)}; its first name is ${quote(names[0] ?? '')}. Give another --prefix, or leave it out.`,
    );
  }
  return new Map(found.map(([name, tensor]) => [name.slice(full.length), tensor]));
}

function noStateDict(
  { root, leftOut }: SavedObject,
  { all }: StateDictChoice,
  file: CheckpointFile,
): UnsupportedCheckpointError {
  const keys = root instanceof PickleDict ? [...root.entries.keys()].slice(0, NAMED_KEYS) : [];
  const found = keys.length > 0 ? ` (its keys: ${keys.map((key) => quote(String(key))).join(', ')})` : '';
  const elsewhere = all.length > 0 ? ` It has tensors under ${describeKeys(all)}; to take them, give --key.` : '';
  const skipped =
    leftOut !== undefined && leftOut.size > 0
      ? ` What needs ${leftOut.describe()} was left out, perhaps with the tensors.`
      : '';
  return new UnsupportedCheckpointError(
    `checkpoint ${file.path} has no tensors at its top level, nor under "state_dict" or "model"${found}.${elsewhere}${skipped} Save it with torch.save(model.state_dict(), path).`,
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
