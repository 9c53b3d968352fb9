import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { SIGNED, startTestServer, type TestServer } from './local-server.ts';

const SEED = 20_261_124;
/** An answer that takes longer counts as a hang. */
const ANSWER_MS = 5000;

let server: TestServer;
let outer: string;

beforeAll(async () => {
  outer = await mkdtemp(join(tmpdir(), 'autoswiftnet-s3-fuzz-'));
  server = await startTestServer({ dataDir: join(outer, 'a', 'b', 'c', 'd', 'data') });
});

afterAll(async () => {
  await server.s3.close();
  const outside = (await readdir(outer, { recursive: true })).filter((path) => !path.startsWith('a/b/c/d/data/'));
  await server.close();
  await rm(outer, { recursive: true });
  expect(outside.sort()).toEqual(['a', 'a/b', 'a/b/c', 'a/b/c/d', 'a/b/c/d/data']);
  expect(server.errors).toEqual([]);
});

/**
 * Sends bytes unchanged. With `isCut` it then closes the connection.
 * @returns the status code, or 0 if the server only closed the connection
 */
function talk(bytes: Uint8Array, isCut = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.s3.endpoint).port), '127.0.0.1', () => {
      socket.write(bytes);
      if (isCut) socket.end();
    });
    let heard = '';
    socket.setTimeout(ANSWER_MS, () => {
      socket.destroy();
      reject(new Error(`no answer to ${Buffer.from(bytes).toString('latin1')}`));
    });
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', () => resolve(0));
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (?!100)(\d{3})/m.exec(heard)?.[1] ?? 0)));
  });
}

function requestBytes(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array,
): Uint8Array {
  const all = [['host', '127.0.0.1'], ['authorization', SIGNED.authorization], ['connection', 'close'], ...headers];
  const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`, 'latin1'), body]);
}

const METHOD = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH');
const PIECE = fc.oneof(
  fc.constantFrom(
    'bucket',
    '..',
    '%2e%2e',
    '/',
    '//',
    '%2F',
    '%00',
    '%ff',
    '%',
    '+',
    'etc/passwd',
    '\\',
    ';',
    '@',
    '.',
  ),
  fc.webPath(),
  fc.stringMatching(/^[!-~]{0,8}$/).map((text) => text.replaceAll('?', '')),
);
const PATH = fc
  .tuple(fc.boolean(), fc.array(PIECE, { maxLength: 5 }))
  .map(([isInBucket, pieces]) =>
    `/${isInBucket ? 'bucket/' : ''}${pieces.join('')}`.slice(0, 3000).replaceAll('#', ''),
  );
const PARAMETER = fc.tuple(
  fc.constantFrom(
    'tagging',
    'uploads',
    'uploadId',
    'partNumber',
    'delete',
    'versions',
    'versionId',
    'list-type',
    'max-keys',
    'continuation-token',
    'start-after',
    'prefix',
    'delimiter',
    'key-marker',
    'version-id-marker',
    'encoding-type',
    'versioning',
    'location',
    'acl',
    'attributes',
    'notification',
    'marker',
    'max-uploads',
    'upload-id-marker',
    'X-Amz-Expires',
    'X-Amz-Algorithm',
    'response-content-type',
    'x-amz-meta-a',
    '__proto__',
  ),
  fc.oneof(fc.constantFrom('', '2', '0', '-1', '1e9', 'null', 'url', '/', '%0d%0a', '%ff'), fc.webQueryParameters()),
);
const QUERY = fc
  .array(PARAMETER, { maxLength: 3 })
  .map((all) => (all.length === 0 ? '' : `?${all.map(([n, v]) => `${n}=${v}`).join('&')}`));
const HEADER = fc.tuple(
  fc.constantFrom(
    'range',
    'if-match',
    'if-none-match',
    'if-modified-since',
    'x-amz-copy-source',
    'x-amz-copy-source-range',
    'x-amz-object-attributes',
    'x-amz-tagging',
    'x-amz-meta-x',
    'content-md5',
    'x-amz-checksum-crc32',
    'x-amz-content-sha256',
    'x-amz-decoded-content-length',
    'x-amz-trailer',
    'content-encoding',
    'content-type',
    'x-amz-metadata-directive',
    'x-amz-checksum-algorithm',
    'expect',
    'origin',
  ),
  fc.oneof(
    fc.constantFrom(
      'bytes=0-',
      'bytes=-0',
      '*',
      '"x"',
      'bucket/key',
      '/bucket/..%2f..',
      'aws-chunked',
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      '5',
      '-1',
      'x-amz-checksum-crc32',
      'REPLACE',
      'multipart/form-data; boundary=b',
      '100-continue',
    ),
    fc.stringMatching(/^[ -~\u0080-\u00ff]{0,20}$/),
  ),
);
const XML = fc
  .array(
    fc.constantFrom(
      '<Tagging>',
      '</Tagging>',
      '<TagSet>',
      '</TagSet>',
      '<Tag>',
      '</Tag>',
      '<Key>',
      '</Key>',
      '<Value/>',
      '<Delete>',
      '</Delete>',
      '<Object>',
      '</Object>',
      '<CompleteMultipartUpload>',
      '<Part>',
      '<!DOCTYPE a [',
      '<!ENTITY x "y">',
      ']>',
      '&x;',
      '&#0;',
      '&#xD800;',
      '<![CDATA[',
      ']]>',
      '<__proto__>',
      'text',
      '<?xml version="1.0"?>',
      '<!--',
    ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.from(pieces.join('')));
const CHUNKED = fc
  .array(
    fc.constantFrom(
      '5\r\nhello\r\n',
      '0\r\n',
      '\r\n',
      'x-amz-checksum-crc32:NhCmhg==\r\n',
      'ffffffffff\r\n',
      ';chunk-signature=0',
      'zz',
    ),
    { maxLength: 6 },
  )
  .map((pieces) => Buffer.from(pieces.join('')));
const FORM = fc
  .array(
    fc.constantFrom(
      '--b\r\n',
      '--b--\r\n',
      '--b--',
      'Content-Disposition: form-data; name="key"\r\n\r\nk\r\n',
      'Content-Disposition: form-data; name="policy"\r\n\r\ne30=\r\n',
      'Content-Disposition: form-data; name="file"; filename="../x"\r\n\r\nbytes\r\n',
      '\r\n\r\n',
      'Content-Disposition: x\r\n',
    ),
    { maxLength: 8 },
  )
  .map((pieces) => Buffer.from(pieces.join('')));
const BODY = fc.oneof(fc.constant(Buffer.alloc(0)), fc.uint8Array({ maxLength: 40 }), XML, CHUNKED, FORM);

test('no request causes an internal error, a hang, or a file outside the data folder', async () => {
  await fc.assert(
    fc.asyncProperty(
      METHOD,
      PATH,
      QUERY,
      fc.array(HEADER, { maxLength: 4 }),
      BODY,
      async (method, path, query, headers, body) => {
        const bytes = requestBytes(
          method,
          `${path}${query}`,
          [...headers, ['content-length', String(body.byteLength)]],
          body,
        );

        const status = await talk(bytes);

        expect(status === 501 || status < 500).toBe(true);
      },
    ),
    { seed: SEED, numRuns: 800 },
  );
});

test.each<[string, string, fc.Arbitrary<Uint8Array>, [string, string][]]>([
  ['tagging documents', 'PUT /bucket/tagged?tagging', XML, []],
  ['delete documents', 'POST /bucket?delete', XML, []],
  [
    'framed bodies',
    'PUT /bucket/framed',
    CHUNKED,
    [
      ['content-encoding', 'aws-chunked'],
      ['x-amz-decoded-content-length', '5'],
      ['x-amz-trailer', 'x-amz-checksum-crc32'],
    ],
  ],
  ['forms', 'POST /bucket', FORM, [['content-type', 'multipart/form-data; boundary=b']]],
])('%s are accepted or refused, and never cause an internal error', async (_what, line, body, headers) => {
  const [method = '', target = ''] = line.split(' ');
  await server.send({ method: 'PUT', path: '/bucket/tagged', body: 'x' });
  await fc.assert(
    fc.asyncProperty(body, async (bytes) => {
      const status = await talk(
        requestBytes(method, target, [...headers, ['content-length', String(bytes.byteLength)]], bytes),
      );

      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
    }),
    { seed: SEED, numRuns: 120 },
  );
});

test('a body that ends early, at any byte, leaves nothing behind', async () => {
  const whole = requestBytes('PUT', '/bucket/cut', [['content-length', '20']], Buffer.from('x'.repeat(20)));
  for (let length = 1; length < whole.byteLength; length += 7) await talk(whole.subarray(0, length), true);

  expect((await server.send({ path: '/bucket/cut' })).status).toBe(404);
});
