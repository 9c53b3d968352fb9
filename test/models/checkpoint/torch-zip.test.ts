import {
  CheckpointError,
  DamagedCheckpointError,
  UnknownCheckpointError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
} from '../../../models/checkpoint/errors.ts';
import { call, global, orderedDict, tuple } from './pickle-writer.ts';
import { elementsOf, useTemporaryFiles } from './temporary-files.ts';
import { type StorageFixture, stateDictNode, storageOf, storagesOf, type TensorFixture } from './tensor-nodes.ts';
import { packEntries, type ZipFixture, zipBytes, zipCheckpoint } from './write-zip.ts';

const files = useTemporaryFiles();

const SIX = storageOf('0', 'float32', Float32Array.of(0, 1, 2, 3, 4, 5));
const TENSORS = new Map<string, TensorFixture>([
  ['w', { storage: SIX, shape: [2, 3] }],
  ['t', { storage: SIX, shape: [3, 2], strides: [1, 3] }],
  ['n', { storage: storageOf('1', 'int64', BigInt64Array.of(5n)), shape: [] }],
]);
const EXPECTED = { w: [0, 1, 2, 3, 4, 5], t: [0, 3, 1, 4, 2, 5], n: [5] };

/** Saves TENSORS in an unusual way. */
function archive(options: Partial<ZipFixture> = {}): Promise<Buffer> {
  return zipBytes({ root: stateDictNode(TENSORS, 'zip'), storages: storagesOf(TENSORS), ...options });
}

/** Overwrites a part of the first directory entry of a zip archive. */
function withDirectory(bytes: Buffer, offset: number, patch: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(patch, copy.indexOf(DIRECTORY_SIGNATURE) + offset);
  return copy;
}

/** Overwrites a part of the record that ends the archive. */
function withEnd(bytes: Buffer, offset: number, patch: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(patch, copy.lastIndexOf(END_SIGNATURE) + offset);
  return copy;
}

const DIRECTORY_SIGNATURE = Buffer.from('PK\x01\x02');
const END_SIGNATURE = Buffer.from('PK\x05\x06');

function bytes32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

test.each<[string, Partial<ZipFixture>]>([
  ['as torch.save writes it', {}],
  ['in another folder', { folder: 'resnet 50 (1)' }],
  ['in no folder', { folder: '' }],
  ['without a byte order, as before PyTorch 2.1', { byteOrder: null }],
  ['in zip64', { zip64: true }],
  ['in pickle protocol 3', { protocol: 3 }],
  ['in pickle protocol 4', { protocol: 4 }],
  ['in pickle protocol 5', { protocol: 5 }],
])('an archive %s', async (_, options) => {
  const checkpoint = await files.open(await archive(options));

  expect(checkpoint.format).toBe('torch-zip');
  expect(await elementsOf(checkpoint)).toEqual(EXPECTED);
});

test('float32 tensors by name', async () => {
  const bytes = await zipCheckpoint([{ name: 'fc.bias', shape: [3], fill: (elements) => elements.set([1, 2, 3]) }]);

  expect(await elementsOf(await files.open(bytes))).toEqual({ 'fc.bias': [1, 2, 3] });
});

test('wrong checksums are ignored', async () => {
  const bytes = await archive();
  for (let at = bytes.indexOf(DIRECTORY_SIGNATURE); at >= 0; at = bytes.indexOf(DIRECTORY_SIGNATURE, at + 1)) {
    bytes.set([0xde, 0xad, 0xbe, 0xef], at + 16);
    bytes.set([1, 2, 3, 4], bytes.readUInt32LE(at + 42) + 14);
  }

  expect(await elementsOf(await files.open(bytes))).toEqual(EXPECTED);
});

test('a storage of bytes may end with less than one element', async () => {
  const entries = { 'data/0': Buffer.concat([SIX.bytes(), Buffer.from([0])]) };

  expect(await elementsOf(await files.open(await archive({ entries })))).toEqual(EXPECTED);
});

test.each<[string, Partial<ZipFixture>, abstract new (...args: never[]) => Error, RegExp]>([
  ['compressed entries', { compress: true }, UnsupportedCheckpointError, /an entry that is compressed/],
  ['big-endian data', { byteOrder: 'big' }, UnsupportedCheckpointError, /byte order "big"; only "little"/],
  ['an unknown byte order', { byteOrder: 'x'.repeat(5000) }, UnsupportedCheckpointError, /byte order "xxxx/],
  [
    'TorchScript by its constants',
    { entries: { 'constants.pkl': Buffer.from('x') } },
    UnsupportedCheckpointError,
    /TorchScript/,
  ],
  [
    'TorchScript by its code',
    { entries: { 'code/a.py': Buffer.from('x') } },
    UnsupportedCheckpointError,
    /TorchScript/,
  ],
  [
    'two pickles',
    { folder: '', entries: { 'a/data.pkl': Buffer.from('x') } },
    UnknownCheckpointError,
    /has 2 entries named data\.pkl/,
  ],
  [
    'a storage too short',
    { entries: { 'data/0': Buffer.alloc(23) } },
    DamagedCheckpointError,
    /has 23 bytes instead of 24/,
  ],
  [
    'a storage too long',
    { entries: { 'data/0': Buffer.alloc(28) } },
    DamagedCheckpointError,
    /has 28 bytes instead of 24/,
  ],
  ['a storage missing', { storages: [SIX] }, DamagedCheckpointError, /"data\/1" is missing/],
  ['an empty pickle', { entries: { 'data.pkl': Buffer.alloc(0) } }, DamagedCheckpointError, /needs 1 more bytes/],
  [
    'a pickle that goes on into the next entry',
    { entries: { 'data.pkl': Buffer.from('\x80\x02NN', 'latin1') } },
    DamagedCheckpointError,
    /needs 1 more bytes/,
  ],
  [
    'a program',
    { root: orderedDict([['w', call(global('os', 'system'), tuple('id'))]]) },
    UnsafeCheckpointError,
    /"os\.system"/,
  ],
])('%s gives its own error class', async (_, options, errorClass, message) => {
  const error = await files.openingError(await archive(options));

  expect(error).toBeInstanceOf(errorClass);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

test('storages of 2^40 elements allocate nothing', async () => {
  const huge: StorageFixture = { ...SIX, numel: 2 ** 40 };
  const tensors = new Map([['w', { storage: huge, shape: [2 ** 40] }]]);

  const error = await files.openingError(await zipBytes({ root: stateDictNode(tensors, 'zip'), storages: [SIX] }));

  expect(error).toMatchObject({
    code: 'damaged-checkpoint',
    message: expect.stringContaining('has 24 bytes instead of 4398046511104'),
  });
});

test.each<[string, () => Promise<Buffer>]>([
  ['a zip of pictures', () => packEntries([['a.jpg', Buffer.from('x')]])],
  ['an empty zip', () => packEntries([])],
  ['a pickle two folders down', () => packEntries([['a/b/data.pkl', Buffer.from('x')]])],
])('%s is no checkpoint', async (_, make) => {
  expect(await files.openingError(await make())).toBeInstanceOf(UnknownCheckpointError);
});

test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
  ['a size beyond the file', (bytes) => patchSizes(bytes, 0x7fffffff), /overflows file bounds/],
  [
    'a size into the next entry',
    (bytes) => patchSizes(bytes, bytes.readUInt32LE(bytes.indexOf(DIRECTORY_SIGNATURE) + 24) + 40),
    /contradict|overlaps/,
  ],
  ['two sizes', (bytes) => withDirectory(bytes, 24, bytes32(5)), /size mismatch/],
  ['an entry beyond the file', (bytes) => withDirectory(bytes, 42, bytes32(0x7fffffff)), /ends at byte/],
  ['an entry where none is', (bytes) => withDirectory(bytes, 42, bytes32(1)), /invalid local file header/],
  [
    'a name unlike the one before the data',
    (bytes) => withDirectory(bytes, 46, Buffer.from('brchive')),
    /contradict each other/,
  ],
  ['zip64 sizes without zip64', (bytes) => patchSizes(bytes, 0xffffffff), /overflows|zip64/],
  ['encryption', (bytes) => withDirectory(bytes, 8, Buffer.from([1])), /size mismatch/],
  ['an unknown compression', (bytes) => withDirectory(bytes, 10, Buffer.from([99])), /compressed/],
  [
    'more entries than there are',
    (bytes) => withEnd(bytes, 10, Buffer.from([50, 0])),
    /central directory|ends at byte/,
  ],
  ['60,000 entries', (bytes) => withEnd(bytes, 10, Buffer.from([0x60, 0xea])), /lists 60000 entries/],
  ['a directory beyond the file', (bytes) => withEnd(bytes, 16, bytes32(0x7fffffff)), /ends at byte/],
  ['a directory that is none', (bytes) => withEnd(bytes, 16, bytes32(3)), /invalid central directory/],
  ['several disks', (bytes) => withEnd(bytes, 4, Buffer.from([1])), /multi-disk/],
  ['a comment that is not there', (bytes) => withEnd(bytes, 20, Buffer.from([9])), /comment length/],
])('wrong headers: %s', async (_, lie, message) => {
  const error = await files.openingError(lie(await archive()));

  expect(error).toBeInstanceOf(CheckpointError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

/** Overwrites both sizes of the first entry, only in the directory. */
function patchSizes(bytes: Buffer, size: number): Buffer {
  return withDirectory(withDirectory(bytes, 20, bytes32(size)), 24, bytes32(size));
}

test.each<[string, number, bigint, RegExp]>([
  ['2^32 entries', 32, 2n ** 32n, /lists 4294967296 entries/],
  ['2^64 - 1 entries', 32, 2n ** 64n - 1n, /lists 1844674407370955\d+ entries/],
  ['a directory at 2^40', 48, 2n ** 40n, /ends at byte/],
  ['a directory at 2^64 - 1', 48, 2n ** 64n - 1n, /ends at byte/],
])('wrong zip64 records: %s', async (_, offset, value, message) => {
  const bytes = await archive({ zip64: true });
  const patch = Buffer.alloc(8);
  patch.writeBigUInt64LE(value);
  bytes.set(patch, bytes.lastIndexOf(Buffer.from('PK\x06\x06')) + offset);

  const error = await files.openingError(bytes);

  expect(error).toBeInstanceOf(DamagedCheckpointError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

test('a directory of 3 MB and a name of 600 bytes are refused', async () => {
  const long = await files.openingError(await packEntries([[`a/${'x'.repeat(600)}`, Buffer.alloc(0)]]));
  const names = Array.from({ length: 50 }, (_, index): [string, Buffer] => [
    `${index}${'x'.repeat(60_000)}`,
    Buffer.alloc(0),
  ]);
  const large = await files.openingError(await packEntries(names));

  expect(long).toMatchObject({
    code: 'damaged-checkpoint',
    message: expect.stringContaining('the name of an entry has 602 bytes'),
  });
  expect(large).toMatchObject({ message: expect.stringContaining('its directory has 3') });
});

test('two entries of one name are refused', async () => {
  const error = await files.openingError(
    await packEntries([
      ['a/data.pkl', Buffer.from('x')],
      ['a/data.pkl', Buffer.from('y')],
    ]),
  );

  expect(error).toBeInstanceOf(DamagedCheckpointError);
  expect(error).toMatchObject({ message: expect.stringContaining('two entries are named "a/data.pkl"') });
});

test('entries that share their bytes are refused', async () => {
  const inner = await packEntries([['a/b', Buffer.from('yyyy')]]);
  const local = inner.subarray(0, inner.indexOf(DIRECTORY_SIGNATURE));
  const bytes = await packEntries([
    ['a/data.pkl', local],
    ['a/b', Buffer.from('yyyy')],
  ]);
  const second = bytes.indexOf(DIRECTORY_SIGNATURE, bytes.indexOf(DIRECTORY_SIGNATURE) + 1);
  bytes.set(bytes32(bytes.indexOf(local)), second + 42);

  expect(await files.openingError(bytes)).toMatchObject({
    code: 'damaged-checkpoint',
    message: expect.stringContaining('entry "a/b" overlaps another'),
  });
});

test('a file without its end is said to be cut, in one sentence', async () => {
  const bytes = await archive();

  expect(await files.openingError(bytes.subarray(0, bytes.length / 2))).toMatchObject({
    code: 'damaged-checkpoint',
    message: expect.stringMatching(
      /damaged zip archive: it ends early, because the directory at its end is missing\. Download or save it again\.$/,
    ),
  });
});

test('a file truncated at any byte gives a CheckpointError', async () => {
  const bytes = await archive();
  for (let length = 0; length < bytes.length; length++) {
    const error = await files.openingError(bytes.subarray(0, length));

    if (!(error instanceof CheckpointError)) throw new Error(`${length} of ${bytes.length} bytes: ${error}`);
  }
  expect(await files.openingError(bytes)).toBeUndefined();
});
