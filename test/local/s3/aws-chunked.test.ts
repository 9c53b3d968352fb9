import fc from 'fast-check';
import { decodeAwsChunked } from '../../../local/s3/aws-chunked.ts';
import { S3Error } from '../../../local/s3/errors.ts';

const SEED = 20_261_124;

async function* runs(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (let index = 0; offset < bytes.byteLength; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

async function decode(
  text: string | Uint8Array,
  sizes: readonly number[] = [1],
): Promise<{ body: Buffer; trailers: string[] }> {
  const trailers: string[] = [];
  const parts: Uint8Array[] = [];
  const source = runs(typeof text === 'string' ? Buffer.from(text, 'latin1') : text, sizes);
  for await (const part of decodeAwsChunked(source, (name, value) => trailers.push(`${name}=${value}`)))
    parts.push(part);
  return { body: Buffer.concat(parts), trailers };
}

test('signed chunks, trailers and an empty body are unframed', async () => {
  const signature = `;chunk-signature=${'a'.repeat(64)}`;

  expect(await decode(`5${signature}\r\nhello\r\n1${signature}\r\n!\r\n0${signature}\r\n\r\n`)).toEqual({
    body: Buffer.from('hello!'),
    trailers: [],
  });
  expect(await decode('5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: abc=\r\nx-amz-trailer-signature:00\r\n\r\n')).toEqual({
    body: Buffer.from('hello'),
    trailers: ['x-amz-checksum-crc32=abc=', 'x-amz-trailer-signature=00'],
  });
  expect((await decode('0\r\n\r\n')).body).toHaveLength(0);
});

test.each([
  ['', 'IncompleteBody'],
  ['5\r\nhel', 'IncompleteBody'],
  ['5\r\nhello', 'IncompleteBody'],
  ['5\r\nhello\r\n', 'IncompleteBody'],
  ['0\r\n', 'IncompleteBody'],
  ['5\r\nhello!\r\n0\r\n\r\n', 'InvalidRequest'],
  ['hello\r\n', 'InvalidRequest'],
  ['-5\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
  ['0x5\r\nhello\r\n0\r\n\r\n', 'InvalidRequest'],
  ['fffffffffff\r\n', 'InvalidRequest'],
  [`${'0'.repeat(2000)}`, 'InvalidRequest'],
  ['0\r\n\r\nmore', 'InvalidRequest'],
  ['0\r\nno colon\r\n\r\n', 'MalformedTrailerError'],
  [`0\r\n${'a:b\r\n'.repeat(40)}\r\n`, 'MalformedTrailerError'],
])('the framing %j is refused', async (text, code) => {
  await expect(decode(text, [3])).rejects.toThrow(expect.objectContaining({ code }));
});

test('framed bytes come out unchanged, however they are split on the way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
      async (chunks, sizes) => {
        const framed = chunks.map((chunk) =>
          Buffer.concat([Buffer.from(`${chunk.byteLength.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
        );

        const { body } = await decode(Buffer.concat([...framed, Buffer.from('0\r\n\r\n')]), sizes);

        expect(body.equals(Buffer.concat(chunks))).toBe(true);
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});

test('bytes without valid framing cause only our own error', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom('5\r\nhello\r\n', '0\r\n', '\r\n', 'a:b\r\n', ';chunk-signature=').map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const outcome = await decode(Buffer.concat(pieces), [7]).catch((error: unknown) => error);

      expect(outcome instanceof S3Error || (typeof outcome === 'object' && outcome !== null && 'body' in outcome)).toBe(
        true,
      );
    }),
    { seed: SEED, numRuns: 500 },
  );
});
