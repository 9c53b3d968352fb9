import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { type PickleNode, type PickleOptions, pickle } from './pickle-writer.ts';
import { type CheckpointEntry, type StorageFixture, stateDictNode, storagesOf, tensorsOf } from './tensor-nodes.ts';

export interface ZipFixture extends PickleOptions {
  /** The saved object. */
  readonly root: PickleNode;
  readonly storages: readonly StorageFixture[];
  /** The folder of all entries; default `archive`, empty for none. */
  readonly folder?: string;
  /** Content of `byteorder`; default `little`, null for none. */
  readonly byteOrder?: string | null;
  /** More entries, or replacements for these, by name within the folder. */
  readonly entries?: Readonly<Record<string, Uint8Array>>;
  /** Whether to compress the entries. Default false. */
  readonly compress?: boolean;
  /** Whether to use zip64 records everywhere. Default false. */
  readonly zip64?: boolean;
}

/** Returns contiguous float32 tensors in torch.save's zip format. */
export function zipCheckpoint(entries: Iterable<CheckpointEntry>): Promise<Buffer> {
  const tensors = tensorsOf(entries);
  return zipBytes({ root: stateDictNode(tensors, 'zip'), storages: storagesOf(tensors) });
}

/** Returns any object in the zip format. */
export function zipBytes(fixture: ZipFixture): Promise<Buffer> {
  const { folder = 'archive', byteOrder = 'little' } = fixture;
  const content: Record<string, Uint8Array> = {
    'data.pkl': pickle(fixture.root, fixture),
    ...(byteOrder === null ? {} : { byteorder: Buffer.from(byteOrder) }),
    ...Object.fromEntries(fixture.storages.map((storage) => [`data/${storage.key}`, storage.bytes()])),
    version: Buffer.from('3\n'),
    '.data/serialization_id': Buffer.from('0123456789'),
    ...fixture.entries,
  };
  const prefix = folder === '' ? '' : `${folder}/`;
  return packEntries(
    Object.entries(content).map(([name, bytes]) => [`${prefix}${name}`, bytes] as const),
    fixture,
  );
}

/** Returns any zip archive. Names may repeat. */
export function packEntries(
  entries: readonly (readonly [string, Uint8Array])[],
  { compress = false, zip64 = false }: { readonly compress?: boolean; readonly zip64?: boolean } = {},
): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, bytes] of entries) {
    archive.addBuffer(Buffer.from(bytes), name, { compress, forceZip64Format: zip64 });
  }
  archive.end({ forceZip64Format: zip64, comment: '' });
  return buffer(archive.outputStream);
}
