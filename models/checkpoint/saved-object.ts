import { PickleDict, PickleInert, PickleList, PickleTuple, PickleUnknown, type PickleValue } from './pickle-values.ts';
import type { StoredTensor } from './read-tensor.ts';
import { countElements } from './tensor-layout.ts';
import { TensorRef } from './torch-globals.ts';
import type { UnknownNames } from './unknown-names.ts';

/** What a checkpoint file contains, in any format. */
export interface SavedObject {
  readonly root: PickleValue;
  /** The byte where each storage starts, by key. */
  readonly positions: ReadonlyMap<string, number>;
  /** The names that `--skip-objects` left out; undefined without it. */
  readonly leftOut?: UnknownNames | undefined;
}

/** A dictionary with tensors. */
export interface SavedDict {
  /** Where it is: keys, joined with dots. The top level is ''. */
  readonly key: string;
  readonly dict: PickleDict;
}

/** Deeper than any training program saves a state dict. */
const MAX_DEPTH = 64;

/** A message shows no longer path, so what is under one could not be chosen. */
const MAX_PATH_LENGTH = 100;

/**
 * Returns all dictionaries that have tensors as values: the outer ones first, otherwise in the
 * file's order. Each value is looked at once, so this takes no longer than reading the pickle did.
 */
export function findDicts(root: PickleValue): SavedDict[] {
  const found: SavedDict[] = [];
  const seen = new Set<PickleValue>([root]);
  let level: (readonly [key: string, value: PickleValue])[] = [['', root]];
  for (let depth = 0; level.length > 0 && depth <= MAX_DEPTH; depth++) {
    const next: typeof level = [];
    for (const [key, value] of level) {
      if (value instanceof PickleDict && holdsTensors(value)) found.push({ key, dict: value });
      for (const [name, child] of childrenOf(value)) {
        const path = value instanceof PickleInert ? key : join(key, String(name));
        if (!isContainer(child) || seen.has(child) || path.length > MAX_PATH_LENGTH) continue;
        seen.add(child);
        next.push([path, child]);
      }
    }
    level = next;
  }
  return found;
}

export function holdsTensors(value: PickleValue | undefined): boolean {
  return value instanceof PickleDict && [...value.entries.values()].some((each) => each instanceof TensorRef);
}

/** Tells whether a value is a tensor, or stands for something that was left out and may be one. */
export function isTensor(value: PickleValue | undefined): value is TensorRef | PickleUnknown {
  return value instanceof TensorRef || value instanceof PickleUnknown;
}

/** Returns where the elements of a tensor are in the file. */
export function locate(name: string, { root, layout }: TensorRef, { positions }: SavedObject): StoredTensor {
  const position = positions.get(root.key);
  if (position === undefined) throw new RangeError(`no position of storage ${root.key}`);
  return { name, dtype: root.dtype, position, layout };
}

/** Returns tensors of a format that has no other values as one dictionary. */
export function flatObject(tensors: readonly StoredTensor[]): SavedObject {
  const root = new PickleDict();
  const positions = new Map<string, number>();
  for (const { name, dtype, position, layout } of tensors) {
    root.set(name, new TensorRef({ key: name, dtype, elements: countElements(layout.shape) }, layout));
    positions.set(name, position);
  }
  return { root, positions };
}

function isContainer(value: PickleValue): boolean {
  return (
    value instanceof PickleDict ||
    value instanceof PickleList ||
    value instanceof PickleTuple ||
    (value instanceof PickleInert && value.state !== null)
  );
}

function join(key: string, segment: string): string {
  return key === '' ? segment : `${key}.${segment}`;
}

/** Returns what a container has, with the key or index of each. */
function childrenOf(value: PickleValue): Iterable<readonly [PickleValue, PickleValue]> {
  if (value instanceof PickleDict) return value.entries;
  if (value instanceof PickleList || value instanceof PickleTuple) return value.items.entries();
  return value instanceof PickleInert ? [[null, value.state]] : [];
}
