import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CheckpointNotFoundError,
  DamagedCheckpointError,
  UnknownCheckpointError,
  UnsupportedCheckpointError,
} from '../../../models/checkpoint/errors.ts';
import { openCheckpoint } from '../../../models/checkpoint/read.ts';
import { elementsOf, useTemporaryFiles } from './temporary-files.ts';
import { legacyBytes } from './write-legacy.ts';
import { safetensorsCheckpoint } from './write-safetensors.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/checkpoints', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../../models/sample/sample.pth', import.meta.url));

/** The first elements, read from the same files by Python's pickle, zipfile and struct modules. */
const GOLDENS = [
  {
    file: 'basic-legacy/model.pth',
    format: 'torch-legacy',
    count: 122,
    shapes: [[8, 3, 7, 7], [8], [16, 64]],
    first: [
      [-0.008939972147345543, 0.04197743535041809, -0.09121629595756531],
      [1.1050057411193848, 0.6472072601318359, 0.8195630311965942],
      [0.7100166082382202, -0.3438182771205902, -0.3296578526496887],
    ],
  },
  {
    file: 'resnext-legacy/model.pth',
    format: 'torch-legacy',
    count: 122,
    shapes: [[8, 3, 7, 7], [32], [20, 256]],
    first: [
      [0.21489372849464417, 0.06052422896027565, -0.1996825635433197],
      [1.1325218677520752, 0.5373015999794006, 1.3135676383972168],
      [-0.18829354643821716, -0.2287311851978302, 0.017711082473397255],
    ],
  },
  {
    file: 'bottleneck-zip/model.pth',
    format: 'torch-zip',
    count: 122,
    shapes: [[8, 3, 7, 7], [8], [12, 256]],
    first: [
      [-0.10980905592441559, 0.14734810590744019, -0.021435298025608063],
      [0.6322916150093079, 0.9282547235488892, 1.4389125108718872],
      [0.11042967438697815, 0.04432271793484688, 0.027403801679611206],
    ],
  },
  {
    file: 'basic-safetensors/model.safetensors',
    format: 'safetensors',
    count: 74,
    shapes: [[8, 3, 7, 7], [8], [10, 64]],
    first: [
      [-0.14128942787647247, 0.07352651655673981, -0.17161637544631958],
      [0.9685748815536499, 1.155132532119751, 1.3074207305908203],
      [0.037057068198919296, -0.5175251960754395, -0.22850582003593445],
    ],
  },
];

const files = useTemporaryFiles();

test.each(GOLDENS)(
  '$file, saved by PyTorch, reads as Python reads it',
  async ({ file, format, count, shapes, first }) => {
    const checkpoint = await openCheckpoint(join(FIXTURES, file));
    try {
      const tensors = ['conv1.weight', 'layer1.0.bn1.running_var', 'fc.weight'].map((name) =>
        checkpoint.tensors.get(name),
      );
      const elements = await Promise.all(
        tensors.map(async (tensor) => [...((await tensor?.read()) ?? [])].slice(0, 3)),
      );

      expect({ format: checkpoint.format, count: checkpoint.tensors.size }).toEqual({ format, count });
      expect(tensors.map((tensor) => tensor?.shape)).toEqual(shapes);
      expect(elements).toEqual(first);
    } finally {
      await checkpoint.close();
    }
  },
);

test.each(GOLDENS)('$file has the parameters that its case.json names, all finite', async ({ file }) => {
  const expected: unknown = JSON.parse(await readFile(join(FIXTURES, file, '..', 'case.json'), 'utf8'));
  const checkpoint = await openCheckpoint(join(FIXTURES, file));
  try {
    let parameters = 0;
    for (const [name, tensor] of checkpoint.tensors) {
      const elements = await tensor.read();
      expect({ name, finite: elements.every(Number.isFinite) }).toEqual({ name, finite: true });
      if (!/running_|num_batches/.test(name)) parameters += elements.length;
    }

    expect(expected).toMatchObject({ parameters });
  } finally {
    await checkpoint.close();
  }
});

test('the sample keeps its tensors in the order they were saved, with counters as integers', async () => {
  const checkpoint = await openCheckpoint(SAMPLE);
  try {
    expect([...checkpoint.tensors.keys()].slice(0, 6)).toEqual([
      'conv1.weight',
      'bn1.weight',
      'bn1.bias',
      'bn1.running_mean',
      'bn1.running_var',
      'bn1.num_batches_tracked',
    ]);
    expect(checkpoint.tensors.get('bn1.num_batches_tracked')).toMatchObject({ dtype: 'int64', shape: [] });
    expect(checkpoint.tensors.get('fc.weight')).toMatchObject({ dtype: 'float32', shape: [1000, 128] });
  } finally {
    await checkpoint.close();
  }
});

test.each([
  ['nothing', '', /an empty file/],
  ['an HTML page', '\n<!DOCTYPE html><html><body>404 Not Found</body></html>', /an HTML or XML page/],
  ['an S3 error', '\ufeff<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /an HTML or XML page/],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00', /git lfs pull/],
  ['a JSON document', '[{"a": 1}, {"b": 2}]', /starts with "\[{/],
  ['text with a brace at byte 8', '01234567{"a": 1}', /starts with/],
  ['a picture', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /but a picture \(jpeg\): models convert takes models/],
  ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), /unpack it/],
  ['HDF5', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /HDF5/],
])('the error for %s says what it is', async (_, content, message) => {
  const error = await files.openingError(Buffer.from(content));

  expect(error).toBeInstanceOf(UnknownCheckpointError);
  expect(error).toMatchObject({ code: 'unknown-checkpoint-format', message: expect.stringMatching(message) });
});

test('the error for a tar archive of 2016 says how to convert it', async () => {
  const tar = Buffer.alloc(1024);
  tar.write('sys_info');
  tar.write('ustar', 257);

  expect(await files.openingError(tar)).toBeInstanceOf(UnsupportedCheckpointError);
});

test.each([
  [
    'a missing file',
    (folder: string) => join(folder, 'absent.pth'),
    /absent\.pth cannot be opened \(it does not exist\)/,
  ],
  ['a folder', (folder: string) => folder, /is a folder, not a file/],
  ['a device', () => '/dev/zero', /device or pipe/],
])('the error names %s', async (_, path, message) => {
  const opening = openCheckpoint(path(files.folder));

  await expect(opening).rejects.toThrow(CheckpointNotFoundError);
  await expect(opening).rejects.toThrow(message);
});

test("the file's name does not matter: safetensors with a .pth name opens", async () => {
  const bytes = safetensorsCheckpoint([{ name: 'w', shape: [2], fill: (elements) => elements.fill(7) }]);

  expect(await elementsOf(await files.open(bytes))).toEqual({ w: [7, 7] });
});

test('a checkpoint without tensors is refused in every format', async () => {
  expect(await files.openingError(safetensorsCheckpoint([]))).toBeInstanceOf(UnknownCheckpointError);
  expect(await files.openingError(legacyBytes({ root: null, storages: [] }))).toBeInstanceOf(
    UnsupportedCheckpointError,
  );
});

test('a file that shrinks after opening fails the read, not the process', async () => {
  const bytes = safetensorsCheckpoint([{ name: 'w', shape: [1000], fill: (elements) => elements.fill(1) }]);
  const path = await files.write(bytes);
  const checkpoint = await openCheckpoint(path);
  await files.write(bytes.subarray(0, 200));

  const reading = checkpoint.tensors.get('w')?.read();

  await expect(reading).rejects.toThrow(DamagedCheckpointError);
  await checkpoint.close();
});
