import { ByteWindow } from './byte-window.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { DamagedCheckpointError, UnknownCheckpointError, UnsupportedCheckpointError } from './errors.ts';
import { CHECKPOINT_GLOBALS } from './harmless-globals.ts';
import { readPickle } from './pickle.ts';
import { quote } from './pickle-values.ts';
import type { SavedObject } from './saved-object.ts';
import { BYTES_PER_ELEMENT } from './tensor-layout.ts';
import { type RootStorage, StorageTable } from './torch-globals.ts';
import type { UnknownNames } from './unknown-names.ts';
import { readZipEntries, type ZipEntry } from './zip-entries.ts';

const PICKLE_ENTRY = /^([^/]+\/)?data\.pkl$/;

/** The entry contains `little` or `big`; anything longer is neither. */
const MAX_BYTE_ORDER_BYTES = 16;

/**
 * Reads the zip format, which torch.save has used since version 1.6. `data.pkl` holds the object
 * with its storages as persistent ids, `data/<key>` the raw elements of each storage. Both are in a
 * folder of any name.
 * @param leftOut see PickleEnvironment
 */
export async function readTorchZip(file: CheckpointFile, leftOut: UnknownNames | undefined): Promise<SavedObject> {
  const entries = await readZipEntries(file);
  const { pickle, folder } = findPickle(file, entries);
  refuseTorchScript(file, entries, folder);
  checkByteOrder(file, entries.get(`${folder}byteorder`));
  const storages = new StorageTable();
  const source = new ByteWindow(file, `entry ${quote(pickle.name)}`, pickle.position, pickle.position + pickle.size);
  const root = readPickle(source, {
    globals: CHECKPOINT_GLOBALS,
    persistent: storages.resolve,
    allowsByteStrings: true,
    leftOut,
  });
  return { root, positions: locateStorages(file, entries, folder, storages.roots), leftOut };
}

function findPickle(
  file: CheckpointFile,
  entries: ReadonlyMap<string, ZipEntry>,
): { pickle: ZipEntry; folder: string } {
  const found = [...entries.values()].filter(({ name }) => PICKLE_ENTRY.test(name));
  const [pickle] = found;
  if (pickle === undefined || found.length > 1) {
    throw new UnknownCheckpointError(
      `checkpoint ${file.path} is a zip archive, but not from torch.save: it has ${found.length} entries named data.pkl instead of one. Save it with torch.save(model.state_dict(), path).`,
    );
  }
  return { pickle, folder: pickle.name.slice(0, -'data.pkl'.length) };
}

/** Refuses TorchScript archives, which contain a program; their data.pkl names its classes. */
function refuseTorchScript(file: CheckpointFile, entries: ReadonlyMap<string, ZipEntry>, folder: string): void {
  const mark = [...entries.keys()].find(
    (name) => name === `${folder}constants.pkl` || name.startsWith(`${folder}code/`),
  );
  if (mark === undefined) return;
  throw new UnsupportedCheckpointError(
    `checkpoint ${file.path} is a TorchScript archive (it contains ${quote(mark)}), which is not supported. Save its weights in PyTorch with torch.save(torch.jit.load(path).state_dict(), newPath).`,
  );
}

/**
 * Checks the byte order. Before PyTorch 2.1 the entry does not exist and all files are
 * little-endian.
 */
function checkByteOrder(file: CheckpointFile, entry: ZipEntry | undefined): void {
  if (entry === undefined) return;
  const order = file.readHeader(entry.position, Math.min(entry.size, MAX_BYTE_ORDER_BYTES)).toString('latin1');
  if (order === 'little') return;
  throw new UnsupportedCheckpointError(
    `checkpoint ${file.path} has the byte order ${quote(order)}; only "little" is supported. Save it again on an x86 or ARM machine.`,
  );
}

function locateStorages(
  file: CheckpointFile,
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
  roots: ReadonlyMap<string, RootStorage>,
): Map<string, number> {
  const positions = new Map<string, number>();
  for (const { key, dtype, elements } of roots.values()) {
    const entry = entries.get(`${folder}data/${key}`);
    const expected = elements * BYTES_PER_ELEMENT[dtype];
    if (entry === undefined || !holds(entry, expected, BYTES_PER_ELEMENT[dtype])) {
      throw new DamagedCheckpointError(
        `checkpoint ${file.path} is damaged: its entry ${quote(`data/${key}`)} ${entry === undefined ? 'is missing' : `has ${entry.size} bytes instead of ${expected}`}. Download or save it again.`,
      );
    }
    positions.set(key, entry.position);
  }
  return positions;
}

/**
 * Tells whether an entry has the expected size. A storage made of bytes may end with a part of an
 * element, because PyTorch rounds the number of elements down.
 */
function holds(entry: ZipEntry, expectedBytes: number, elementBytes: number): boolean {
  return entry.size >= expectedBytes && entry.size < expectedBytes + elementBytes;
}
