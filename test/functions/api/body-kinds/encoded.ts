import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { PROBLEM_TYPE_PREFIX } from '../../../../functions/wire.ts';
import { file, form, json } from '../bodies.ts';
import { type ApiCall, jsonOf } from '../test-api.ts';
import { type BodiesWorld, DAISY, picture, problem } from './bodies-world.ts';

/** Bodies with a Content-Encoding. */
export function encodedTests({ api, outcomeOf }: BodiesWorld): void {
  const encoded = (encoding: string, body: Uint8Array, type = 'image/jpeg'): ApiCall => ({
    headers: { 'content-type': type, 'content-encoding': encoding },
    body,
  });

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP ', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
    ['', (bytes: Buffer) => bytes],
  ])('%j is read', async (encoding, compress) => {
    expect(await outcomeOf(encoded(encoding, compress(picture)))).toEqual(DAISY);
  });

  test('a form is read, too', async () => {
    const { headers, body } = form([file(picture)]);

    expect(await outcomeOf(encoded('gzip', gzipSync(body), headers['content-type']))).toEqual(DAISY);
  });

  test.each(['zstd', 'compress', 'gzip, gzip', 'gzip, br', 'aws-chunked', '__proto__'])(
    '%j is refused by name',
    async (encoding) => {
      const answer = await api().call('POST', '/classify', encoded(encoding, picture));

      expect(answer.status).toBe(415);
      expect(answer.headers['accept-encoding']).toBe('gzip, deflate, br');
      expect(jsonOf(answer)).toMatchObject({
        type: `${PROBLEM_TYPE_PREFIX}unsupported-content-encoding`,
        accepted: ['gzip', 'deflate', 'br'],
        detail: `Content-Encoding ${encoding} is not supported: send gzip, deflate, br, or the body as it is`,
      });
    },
  );

  test.each([
    ['not compressed', (bytes: Buffer) => bytes],
    ['cut off', (bytes: Buffer) => gzipSync(bytes).subarray(0, 5000)],
    ['compressed otherwise', brotliCompressSync],
  ])('a body that is %s is refused', async (_name, make) => {
    expect(await outcomeOf(encoded('gzip', make(picture)))).toEqual(
      problem(400, 'malformed-body', 'cannot be decompressed, although Content-Encoding is gzip'),
    );
  });

  test('a body that grows beyond the limit is refused as soon as it does', async () => {
    const most = Buffer.concat([picture, Buffer.alloc(4_400_000 - picture.length)]);
    const bomb = gzipSync(Buffer.alloc(400_000_000), { level: 1 });

    expect(await outcomeOf(encoded('gzip', gzipSync(most)))).toEqual({ label: 'daisy', bytes: 4_400_000 });
    const before = process.memoryUsage().arrayBuffers;
    expect(await outcomeOf(encoded('gzip', bomb))).toEqual(
      problem(413, 'image-too-large', 'is decompressed to more than the limit of 4400000 bytes'),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
  });

  test('JSON arrives as text, so compressed JSON is refused with the reason', async () => {
    const { body } = json({ key: 'a' });
    const refused = problem(
      400,
      'malformed-body',
      'arrives as text, which damages it: send it without Content-Encoding',
    );

    expect(await outcomeOf(encoded('gzip', gzipSync(body), 'application/json'))).toEqual(refused);
    expect(await outcomeOf(encoded('gzip', gzipSync(body), 'application/json'), '/uploads')).toEqual(refused);
    expect(await outcomeOf(encoded('zstd', body, 'application/json'), '/uploads')).toMatchObject({
      code: 'unsupported-content-encoding',
    });
  });
}
