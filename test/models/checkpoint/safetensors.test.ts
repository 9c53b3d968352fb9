import {
  CheckpointError,
  DamagedCheckpointError,
  UnknownCheckpointError,
  UnsupportedCheckpointError,
} from '../../../models/checkpoint/errors.ts';
import { elementsOf, useTemporaryFiles } from './temporary-files.ts';
import { bytesOf } from './tensor-nodes.ts';
import { safetensorsBytes, safetensorsCheckpoint, safetensorsOf } from './write-safetensors.ts';

const files = useTemporaryFiles();

/** Returns a header with one tensor `w`, float32 [2] in 8 bytes; `fields` replaces parts of it. */
function header(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } });
}

const DATA = bytesOf(Float32Array.of(1, -2));

test.each<[string, string, ArrayBufferView, number[]]>([
  ['F16', 'float16', Uint16Array.of(0x3c00, 0xc000), [1, -2]],
  ['BF16', 'bfloat16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
  ['F32', 'float32', Float32Array.of(1, -2), [1, -2]],
  ['F64', 'float64', Float64Array.of(0.1, -2), [0.1, -2]],
  ['I8', 'int8', Int8Array.of(1, -2), [1, -2]],
  ['U8', 'uint8', Uint8Array.of(1, 254), [1, 254]],
  ['I16', 'int16', Int16Array.of(1, -2), [1, -2]],
  ['I32', 'int32', Int32Array.of(1, -2), [1, -2]],
  ['I64', 'int64', BigInt64Array.of(1n, -2n), [1, -2]],
  ['BOOL', 'bool', Uint8Array.of(1, 0), [1, 0]],
])('%s', async (code, dtype, array, expected) => {
  const tensors = new Map([
    ['before', { dtype: 'F32', shape: [], bytes: bytesOf(Float32Array.of(7)) }],
    ['w', { dtype: code, shape: [2, 1], bytes: bytesOf(array) }],
  ]);

  const checkpoint = await files.open(safetensorsBytes(tensors));

  expect(checkpoint.format).toBe('safetensors');
  expect(checkpoint.tensors.get('w')).toMatchObject({ dtype, shape: [2, 1] });
  expect(await elementsOf(checkpoint)).toEqual({ before: [7], w: expected });
});

test('tensors are in the order of the data, not of the header, also with names that are numbers', async () => {
  const text = JSON.stringify({
    b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
    '1': { dtype: 'F32', shape: [0, 3], data_offsets: [8, 8] },
    a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
  });

  expect(Object.entries(await elementsOf(await files.open(safetensorsOf(text, DATA))))).toEqual(
    expect.arrayContaining([
      ['a', [1]],
      ['b', [-2]],
      ['1', []],
    ]),
  );
  expect([...(await files.open(safetensorsOf(text, DATA))).tensors.keys()]).toEqual(['a', 'b', '1']);
});

test('a header padded with spaces, and one without metadata', async () => {
  expect(await elementsOf(await files.open(safetensorsOf(`${header()}     `, DATA)))).toEqual({ w: [1, -2] });
});

test.each([0x0280, 0x0380, 0x0480, 0x0580, 0x4b50])(
  'a header of %i bytes, whose length begins like a pickle or a zip',
  async (length) => {
    expect(await elementsOf(await files.open(safetensorsOf(header().padEnd(length), DATA)))).toEqual({ w: [1, -2] });
  },
);

test('the prefix of DataParallel is removed here too', async () => {
  const bytes = safetensorsCheckpoint([{ name: 'module.fc.bias', shape: [1], fill: (elements) => elements.fill(3) }]);

  expect(await elementsOf(await files.open(bytes))).toEqual({ 'fc.bias': [3] });
});

test('__proto__ is a name like any other', async () => {
  const text = header().replace('"w"', '"__proto__"');

  const checkpoint = await files.open(safetensorsOf(text, DATA));

  expect([...checkpoint.tensors.keys()]).toEqual(['__proto__']);
});

test.each<[string, Buffer, RegExp]>([
  ['a header of 2^40 bytes', safetensorsOf(header(), DATA, 2n ** 40n), /header should end at byte 1099511627784,/],
  [
    'a header of 2^62 bytes',
    safetensorsOf(header(), DATA, 2n ** 62n),
    /header should end at byte 4611686018427388000,/,
  ],
  [
    'a header one byte beyond the file',
    safetensorsOf(header(), Buffer.alloc(0), BigInt(header().length + 1)),
    /header should end at byte/,
  ],
  ['a header of 3 MB', safetensorsOf(header().padEnd(3_000_000), DATA), /the limit is 2000000/],
  ['a header cut short', safetensorsOf(header(), DATA, 20n), /JSON object/],
  ['a header that is not UTF-8', safetensorsOf('{"', Buffer.from('\xff":{}}', 'latin1'), 8n), /JSON object/],
  ['a million brackets', safetensorsOf(`{"a":${'['.repeat(1_000_000)}`, DATA), /JSON object/],
  ['a tensor that is a number', safetensorsOf('{"w":1}', DATA), /tensor "w"/],
  ['an unknown field', safetensorsOf(header({ strides: [1] }), DATA), /strides/],
  ['a negative size', safetensorsOf(header({ shape: [-2] }), DATA), /shape/],
  ['a size of a fraction', safetensorsOf(header({ shape: [0.5, 4] }), DATA), /shape/],
  ['a shape of 2^40', safetensorsOf(header({ shape: [2 ** 40] }), DATA), /has 8 bytes.*shape \[1099511627776\]/],
  ['a shape past every exact integer', safetensorsOf(header({ shape: [2 ** 40, 2 ** 40] }), DATA), /has 8 bytes/],
  ['seventeen axes', safetensorsOf(header({ shape: Array(17).fill(1) }), DATA), /shape/],
  ['offsets of 2^40', safetensorsOf(header({ data_offsets: [0, 2 ** 40] }), DATA), /describes 1099511627/],
  ['offsets backwards', safetensorsOf(header({ data_offsets: [8, 0] }), DATA), /bytes 8 to 0/],
  ['offsets with a gap before', safetensorsOf(header({ data_offsets: [4, 12] }), Buffer.alloc(12)), /must start at 0/],
  ['three offsets', safetensorsOf(header({ data_offsets: [0, 4, 8] }), DATA), /data_offsets/],
  ['bytes after the data', safetensorsOf(header(), Buffer.alloc(9)), /describes \d+ bytes, but the file has/],
  ['bytes missing', safetensorsOf(header(), Buffer.alloc(7)), /describes \d+ bytes, but the file has/],
  [
    'overlapping tensors',
    safetensorsOf(overlapping(), Buffer.alloc(12)),
    /"b" has bytes 4 to 12, but they must start at 8/,
  ],
])('damaged: %s', async (_, bytes, message) => {
  const error = await files.openingError(bytes);

  expect(error).toBeInstanceOf(DamagedCheckpointError);
  expect(error).toMatchObject({ message: expect.stringMatching(message) });
});

function overlapping(): string {
  return JSON.stringify({
    a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
  });
}

test('the error names a type that is not supported', async () => {
  const error = await files.openingError(safetensorsOf(header({ dtype: 'F8_E5M2', shape: [8] }), DATA));

  expect(error).toBeInstanceOf(UnsupportedCheckpointError);
  expect(error).toMatchObject({
    message: expect.stringContaining('"F8_E5M2", which is not supported. Convert it in PyTorch to one of F16, BF16'),
  });
});

test('a file whose header is not an object is not safetensors', async () => {
  expect(await files.openingError(safetensorsOf('[]', DATA))).toBeInstanceOf(UnknownCheckpointError);
});

test('a file truncated at any byte gives a CheckpointError', async () => {
  const bytes = safetensorsBytes(new Map([['w', { dtype: 'F32', shape: [2], bytes: DATA }]]));
  for (let length = 0; length < bytes.length; length++) {
    const error = await files.openingError(bytes.subarray(0, length));

    if (!(error instanceof CheckpointError)) throw new Error(`${length} of ${bytes.length} bytes: ${error}`);
  }
  expect(await files.openingError(bytes)).toBeUndefined();
});
