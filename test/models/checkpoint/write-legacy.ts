import { type FileHandle, open } from 'node:fs/promises';
import { dict, list, type PickleNode, type PickleOptions, pickle } from './pickle-writer.ts';
import { type CheckpointEntry, type StorageFixture, stateDictNode, storagesOf, tensorsOf } from './tensor-nodes.ts';

export const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
export const LEGACY_PROTOCOL = 1001;

export interface LegacyFixture extends PickleOptions {
  /** The saved object. */
  readonly root: PickleNode;
  readonly storages: readonly StorageFixture[];
}

/**
 * Writes a checkpoint of contiguous float32 tensors like the released files: torch.save's legacy
 * format with a bare state dict. Only one tensor at a time is in memory, so a test can write 777
 * MB.
 */
export async function writeLegacyCheckpoint(path: string, entries: Iterable<CheckpointEntry>): Promise<void> {
  const tensors = tensorsOf(entries);
  const file = await open(path, 'w');
  try {
    await writeParts(file, { root: stateDictNode(tensors, 'legacy'), storages: storagesOf(tensors) });
  } finally {
    await file.close();
  }
}

/** Returns any object in the legacy format. */
export function legacyBytes(fixture: LegacyFixture): Buffer {
  return Buffer.concat([...legacyParts(fixture)]);
}

async function writeParts(file: FileHandle, fixture: LegacyFixture): Promise<void> {
  for (const part of legacyParts(fixture)) {
    for (let at = 0; at < part.length; ) at += (await file.write(part, at)).bytesWritten;
  }
}

function* legacyParts({ root, storages, ...options }: LegacyFixture): Generator<Uint8Array> {
  yield pickle(LEGACY_MAGIC, options);
  yield pickle(LEGACY_PROTOCOL, options);
  yield pickle(systemInfo(), options);
  yield pickle(root, options);
  const sorted = storages.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  yield pickle(list(...sorted.map(({ key }) => key)), options);
  for (const storage of sorted) {
    const numel = Buffer.alloc(8);
    numel.writeBigInt64LE(BigInt(storage.numel));
    yield numel;
    yield storage.bytes();
  }
}

function systemInfo(): PickleNode {
  return dict(
    ['protocol_version', LEGACY_PROTOCOL],
    ['little_endian', true],
    ['type_sizes', dict(['short', 2], ['int', 4], ['long', 4])],
  );
}
