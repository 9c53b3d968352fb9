import { ByteWindow } from './byte-window.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { DamagedCheckpointError, UnknownCheckpointError, UnsupportedCheckpointError } from './errors.ts';
import { CHECKPOINT_GLOBALS } from './harmless-globals.ts';
import { readPickle } from './pickle.ts';
import type { PickleEnvironment } from './pickle-machine.ts';
import { describe, PickleDict, PickleList, type PickleValue } from './pickle-values.ts';
import type { SavedObject } from './saved-object.ts';
import { BYTES_PER_ELEMENT } from './tensor-layout.ts';
import { type RootStorage, StorageTable, TORCH_GLOBALS } from './torch-globals.ts';
import type { UnknownNames } from './unknown-names.ts';

/**
 * The number with which torch.save's files began until version 1.6, and still do with
 * `_use_new_zipfile_serialization=False`.
 */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;

/** Before each storage stands its number of elements, an int64. */
const COUNT_BYTES = 8;

/** For the small pickles before and after the main one: only numbers, text and dictionaries. */
const PLAIN_VALUES: PickleEnvironment = { globals: new Map(), maxSteps: 1000 };

/** Steps that reading one key and storing it in the memo takes. */
const STEPS_PER_KEY = 8;

/**
 * Reads the legacy format: five pickles one after the other (magic number, protocol version,
 * system, the object with its storages as persistent ids, and the keys of the storages in the
 * file's order), then for each key the number of elements and the raw elements.
 * @param leftOut see PickleEnvironment
 */
export function readTorchLegacy(file: CheckpointFile, leftOut: UnknownNames | undefined): SavedObject {
  const source = new ByteWindow(file, 'torch.save legacy format', 0, file.size);
  const magic = readPickle(source, { ...PLAIN_VALUES, globals: TORCH_GLOBALS });
  if (magic !== MAGIC_NUMBER) {
    throw new UnknownCheckpointError(
      `checkpoint ${file.path} is a pickle, but not from torch.save: it starts with ${describe(magic)} instead of torch.save's magic number. Save it with torch.save(model.state_dict(), path).`,
    );
  }
  checkProtocol(file, readPickle(source, PLAIN_VALUES));
  checkByteOrder(file, readPickle(source, PLAIN_VALUES));
  const storages = new StorageTable();
  const root = readPickle(source, {
    globals: CHECKPOINT_GLOBALS,
    persistent: storages.resolve,
    allowsByteStrings: true,
    leftOut,
  });
  requireKnownTypes(file, storages, leftOut);
  const keys = readPickle(source, { ...PLAIN_VALUES, maxSteps: 1000 + STEPS_PER_KEY * storages.roots.size });
  return { root, positions: locateStorages(file, keys, storages.roots, source.position), leftOut };
}

/** In this format, the place of a storage depends on the sizes of all before it. */
function requireKnownTypes(file: CheckpointFile, storages: StorageTable, leftOut: UnknownNames | undefined): void {
  if (storages.leftOut.size === 0) return;
  throw new UnsupportedCheckpointError(
    `checkpoint ${file.path} has tensors of a type that is not supported (it refers to ${leftOut?.describe()}), so where its other tensors begin is not known. Load it in PyTorch and save it again with torch.save(model.state_dict(), path).`,
  );
}

function checkProtocol(file: CheckpointFile, protocol: PickleValue): void {
  if (protocol === PROTOCOL_VERSION) return;
  throw new UnsupportedCheckpointError(
    `checkpoint ${file.path} has version ${describe(protocol)} of torch.save's protocol; only ${PROTOCOL_VERSION} is supported. Save it again with a released version of PyTorch.`,
  );
}

function checkByteOrder(file: CheckpointFile, system: PickleValue): void {
  if (!(system instanceof PickleDict)) {
    throw new DamagedCheckpointError(
      `checkpoint ${file.path} is damaged: it has ${describe(system)} instead of the dictionary that names its byte order. Download or save it again.`,
    );
  }
  if (system.entries.get('little_endian') === true) return;
  throw new UnsupportedCheckpointError(
    `checkpoint ${file.path} is not little-endian, and other byte orders are not supported. Save it again on an x86 or ARM machine.`,
  );
}

/**
 * Returns the byte positions of the storages' elements. Every storage must be there exactly once,
 * have the size that the pickle says, and lie within the file.
 */
function locateStorages(
  file: CheckpointFile,
  keys: PickleValue,
  roots: ReadonlyMap<string, RootStorage>,
  start: number,
): Map<string, number> {
  const positions = new Map<string, number>();
  let position = start;
  for (const key of keys instanceof PickleList ? keys.items : []) {
    const root = typeof key === 'string' ? roots.get(key) : undefined;
    if (root === undefined || positions.has(root.key))
      throw listFault(file, `storage ${describe(key)} is unknown or listed twice`);
    const found = file.readHeader(position, COUNT_BYTES).readBigInt64LE();
    if (found !== BigInt(root.elements)) {
      throw listFault(file, `storage ${describe(key)} has ${found} elements, but its tensors need ${root.elements}`);
    }
    positions.set(root.key, position + COUNT_BYTES);
    position += COUNT_BYTES + root.elements * BYTES_PER_ELEMENT[root.dtype];
    if (position > file.size)
      throw listFault(
        file,
        `storage ${describe(key)} should end at byte ${position}, but the file has only ${file.size} bytes`,
      );
  }
  if (positions.size !== roots.size)
    throw listFault(file, `only ${positions.size} of ${roots.size} storages are listed`);
  return positions;
}

function listFault(file: CheckpointFile, fault: string): DamagedCheckpointError {
  return new DamagedCheckpointError(`checkpoint ${file.path} is damaged: ${fault}. Download or save it again.`);
}
