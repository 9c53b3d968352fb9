import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parseForm } from '../../../functions/api/form.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { BOUNDARY, type Body, field, file, form, json, type Part } from './bodies.ts';
import { openTestApi, openTestServices, type TestApi, type TestServices } from './test-api.ts';

const SEED = 20_261_126;

let folder: string;
let services: TestServices;
let api: TestApi;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bodies-fuzz-'));
  services = await openTestServices();
  await ensureSamplePackage(folder);
  picture = await samplePicture('lemon-1');
  api = openTestApi({ modelsDir: folder, model: 'sample' });
  await api.dependencies.classifier();
});

afterAll(async () => {
  await services?.close();
  await rm(folder, { recursive: true, force: true });
});

const bytes = fc.uint8Array({ maxLength: 200 });
const words = fc.string({ unit: 'binary', maxLength: 40 });

/** Headers of a part: right, wrong in one place, or any bytes. */
const head = fc.oneof(
  fc.constantFrom(
    'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg',
    'Content-Disposition: form-data; name="file"',
    'content-disposition:form-data;name=file;filename=a',
    'Content-Disposition: attachment; filename="a"',
    'Content-Disposition: form-data',
    'Content-Disposition: form-data; name="__proto__"; filename="constructor"',
    'Content-Disposition: form-data; name="a"; filename*=UTF-8\'\'%e2%82%ac.jpg',
    'Content-Disposition: form-data; name="a"; filename*=UTF-8\'\'%',
    'Content-Type: multipart/mixed; boundary=inner',
    'Content-Type: text/plain\r\nContent-Transfer-Encoding: base64',
    'a'.repeat(20_000),
    ': ',
    '',
  ),
  words,
);

const part: fc.Arbitrary<Part> = fc.record({
  head,
  content: fc.oneof(
    bytes,
    words,
    fc.constantFrom('', '\r\n', '--', `\r\n--${BOUNDARY}`, `\r\n--${BOUNDARY}--`, `--${BOUNDARY}\r\n\r\n`),
  ),
});

/** Replaces, removes and repeats some of the bytes. */
function damaged(body: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.record({ at: fc.nat({ max: body.length }), drop: fc.nat({ max: 60 }), insert: bytes });
  return fc
    .array(change, { maxLength: 4 })
    .map((changes) =>
      changes.reduce(
        (so, { at, drop, insert }) => Buffer.concat([so.subarray(0, at), insert, so.subarray(at + drop)]),
        body,
      ),
    );
}

function bodies(): fc.Arbitrary<Body> {
  const whole = [
    form([file(picture)]),
    form([field('note', 'x'), file(picture), field('top', '3')]),
    json({ image: picture.toString('base64') }),
    json({ image: 'aaaa', key: 'b' }),
    json({ key: 'b' }),
    { headers: { 'content-type': 'image/jpeg' }, body: picture },
    { headers: {}, body: picture },
  ];
  return fc.oneof(
    fc.array(part, { maxLength: 5 }).map((parts) => form(parts)),
    fc.constantFrom(...whole).chain(({ headers, body }) => damaged(body).map((so) => ({ headers, body: so }))),
    fc.json().map((text) => ({ headers: { 'content-type': 'application/json' }, body: Buffer.from(text) })),
    words.map((image) => json({ image })),
  );
}

const encodings: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  identity: (body) => body,
  zstd: (body) => body,
};

const contentType = fc.oneof(
  fc.constantFrom(
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary=a; boundary=b',
    `multipart/form-data; boundary=${BOUNDARY};`,
    `multipart/form-data; boundary=${'b'.repeat(5000)}`,
    'multipart/mixed; boundary=a',
    'application/json',
    'application/x-www-form-urlencoded',
    'binary/octet-stream',
    'text/plain',
  ),
  fc.string({ maxLength: 30 }).map((text) => `multipart/form-data; boundary=${text}`),
);

test('whatever body comes, wrapped, compressed and damaged in whatever way, one of our answers comes out, and never a 500', async () => {
  const seen = new Map<number, number>();
  const request = fc.record({
    whole: bodies(),
    type: fc.option(contentType, { nil: null, freq: 8 }),
    encoding: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom(...Object.keys(encodings))),
    liar: fc.boolean(),
  });
  const run = fc.asyncProperty(request, async ({ whole, type, encoding, liar }) => {
    const compress = encodings[encoding ?? 'identity'] ?? ((body) => body);
    const headers = {
      ...whole.headers,
      ...(type === null ? {} : { 'content-type': type }),
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
    };

    const { status } = await api.call('POST', '/classify', { headers, body: liar ? whole.body : compress(whole.body) });

    seen.set(status, (seen.get(status) ?? 0) + 1);
    expect(status).toBeLessThan(500);
  });
  await fc.assert(run, { seed: SEED, numRuns: 2000 });

  for (const status of [200, 400, 404, 415, 422]) expect([status, seen.get(status)]).not.toContain(undefined);
}, 300_000);

test('the bytes of every part arrive as they were sent, in the order they were sent', async () => {
  const content = fc.uint8Array({ maxLength: 2000 });
  const name = fc.stringMatching(/^[a-z0-9 ._-]{1,30}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, content), { maxLength: 8 }), async (sent) => {
      const { headers, body } = form(sent.map(([fileName, one]) => file(one, { fileName })));

      const parts = await parseForm(headers['content-type'] ?? '', body);

      expect(parts.map(({ fileName, bytes: found }) => [fileName, [...found]])).toEqual(
        sent.map(([fileName, one]) => [fileName, [...one]]),
      );
    }),
    { seed: SEED, numRuns: 500 },
  );
});
