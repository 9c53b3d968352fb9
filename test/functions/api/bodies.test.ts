import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PROBLEM_TYPE_PREFIX } from '../../../functions/wire.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { BOUNDARY, type Body, field, file, form, json } from './bodies.ts';
import {
  type ApiCall,
  BUCKET,
  jsonOf,
  openTestApi,
  openTestServices,
  type TestApi,
  type TestServices,
} from './test-api.ts';

const HEAVY = {
  AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/heavy',
};

let folder: string;
let services: TestServices;
let api: TestApi;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bodies-'));
  services = await openTestServices();
  await ensureSamplePackage(folder);
  picture = await samplePicture('daisy-1');
  api = openTestApi({
    modelsDir: folder,
    model: 'sample',
    variables: HEAVY,
    change: () => ({ askHeavy: async () => {} }),
  });
});

afterAll(async () => {
  await services?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sends a body and returns what came of it: the first label and size of the picture, or the problem. */
async function outcomeOf(call: ApiCall, target = '/classify') {
  const answer = await api.call('POST', target, call);
  const { predictions, image, type, detail } = jsonOf(answer);
  return answer.status === 200
    ? { label: predictions[0].label, bytes: image.bytes }
    : { status: answer.status, code: type.replace(PROBLEM_TYPE_PREFIX, ''), detail };
}

const typed = (type: string, body: Uint8Array = picture): ApiCall => ({ headers: { 'content-type': type }, body });
const DAISY = { label: 'daisy', bytes: 11_398 };
const problem = (status: number, code: string, detail: string) => ({
  status,
  code,
  detail: expect.stringContaining(detail),
});

describe('bytes', () => {
  test.each([
    'application/octet-stream',
    'binary/octet-stream',
    'Binary/Octet-Stream; x=y',
    'image/jpg',
    'image/png',
    'application/x-www-form-urlencoded',
    'application/x-jpg',
    'nonsense',
    '',
  ])('a picture of the type %j is taken', async (type) => {
    expect(await outcomeOf(typed(type))).toEqual(DAISY);
  });

  test.each(['binary/octet-stream', 'application/octet-stream', 'image/png'])(
    'what is no picture is named by its bytes, if the type %s says nothing more',
    async (type) => {
      expect(await outcomeOf(typed(type, Buffer.from('notes')))).toEqual(
        problem(415, 'not-an-image', 'the file starts with 6e 6f 74 65 73'),
      );
    },
  );

  test('a picture without a media type is taken, and JSON without one as well', async () => {
    expect(await outcomeOf({ body: picture })).toEqual(DAISY);
    expect(await outcomeOf({ body: JSON.stringify({ image: picture.toString('base64') }) })).toEqual(DAISY);
    expect(await outcomeOf({ body: ' {"key":"none.jpg"}' })).toEqual(problem(404, 'image-not-found', 'none.jpg'));
  });

  test('what curl sends with -d and is no picture gets a 415 that says what to add', async () => {
    const answer = problem(415, 'unsupported-media-type', 'For a picture use curl -F file=@photo.jpg');

    expect(await outcomeOf(typed('application/x-www-form-urlencoded', Buffer.from('{"key":"a"}')))).toEqual(answer);
  });

  test.each(['application/x-www-form-urlencoded', 'image/jpeg', 'application/octet-stream'])(
    'a picture from which curl -d dropped bytes is told so, if the type is %s',
    async (type) => {
      const left = picture.filter((byte) => ![0, 10, 13].includes(byte));

      expect(await outcomeOf(typed(type, left))).toEqual(
        problem(400, 'malformed-body', 'Send it with curl -F file=@photo.jpg, or curl -H'),
      );
    },
  );

  test.each(['image/jpeg', 'application/json', 'multipart/form-data; boundary=x', ''])(
    'an empty body of the type %j is told that a picture is missing',
    async (type) => {
      expect(await outcomeOf(typed(type, Buffer.of()))).toEqual(problem(400, 'malformed-body', 'the body is empty'));
    },
  );

  test('a picture of another format than those supported is named, whatever type it comes with', async () => {
    const bitmap = Buffer.from('BM\x36\0\0\0\0\0\0\0\x36\0\0\0', 'latin1');

    expect(await outcomeOf(typed('application/x-www-form-urlencoded', bitmap))).toEqual(
      problem(415, 'unsupported-format', 'BMP'),
    );
  });

  test('text is refused by its type, because API Gateway would have damaged a picture in it', async () => {
    for (const type of ['text/plain', 'application/xml', 'text/html; charset=utf-8']) {
      expect(await outcomeOf(typed(type))).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    }
  });
});

describe('a form', () => {
  test.each<[string, () => Body]>([
    ['with one file, as curl, browsers and requests send it', () => form([file(picture)])],
    ['whose field has any name', () => form([file(picture, { name: 'whatever' })])],
    ['with more fields', () => form([field('note', 'x'), file(picture), field('csrf', 'y')])],
    [
      'whose file has no name, as form-data sends a buffer',
      () =>
        form([
          {
            head: 'Content-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream',
            content: picture,
          },
        ]),
    ],
    [
      'whose file has neither name nor type',
      () => form([field('note', 'x'), { ...field('file', ''), content: picture }]),
    ],
    ['whose file is called text', () => form([file(picture, { type: 'text/plain' })])],
    [
      'whose file has a Japanese name',
      () => {
        const fileName = Buffer.from('写真.jpg').toString('latin1');
        return form([file(picture, { fileName })]);
      },
    ],
    ['whose file has a Latin-1 name', () => form([file(picture, { fileName: 'Gr\xfcn.jpg' })])],
    [
      'with a second file field in which nothing was chosen',
      () => form([file(picture), file('', { name: 'other', fileName: '', type: 'application/octet-stream' })]),
    ],
    [
      'after a preamble and before an epilogue',
      () => {
        const { headers, body } = form([file(picture)]);
        return { headers, body: Buffer.concat([Buffer.from('preamble\r\n'), body, Buffer.from('epilogue: x\r\n')]) };
      },
    ],
    [
      'before an epilogue that ends as a boundary does',
      () => {
        const { headers, body } = form([file(picture)]);
        const epilogue = `\r${'('.repeat(BOUNDARY.length + 2)}${BOUNDARY.at(-1)}`;
        return { headers, body: Buffer.concat([body, Buffer.from(epilogue)]) };
      },
    ],
    [
      'with a boundary in quotes',
      () => ({
        ...form([file(picture)]),
        headers: { 'content-type': `Multipart/Form-Data; charset=utf-8; boundary="${BOUNDARY}"` },
      }),
    ],
  ])('%s is taken', async (_name, make) => {
    expect(await outcomeOf(make())).toEqual(DAISY);
  });

  test.each<[string, () => Body, ReturnType<typeof problem>]>([
    ['no parts', () => form([]), problem(400, 'malformed-body', 'the form has no file: ')],
    [
      'text only, as curl sends without the @',
      () => form([field('file', 'x.jpg')]),
      problem(
        400,
        'malformed-body',
        'the form has no file, only "file": send the picture as a file (curl -F file=@photo.jpg)',
      ),
    ],
    [
      'no chosen file',
      () => form([file('', { fileName: '', type: 'application/octet-stream' })]),
      problem(400, 'malformed-body', 'the form has no file'),
    ],
    [
      'two files',
      () => form([file(picture, { fileName: 'a.jpg' }), file(picture, { fileName: 'b.jpg' })]),
      problem(400, 'malformed-body', 'the form has 2 files ("a.jpg", "b.jpg"): send one picture in each request'),
    ],
    [
      'many files',
      () => form(Array.from({ length: 150 }, () => file('a'))),
      problem(400, 'malformed-body', 'more than 100 parts'),
    ],
    [
      'a parameter as a field',
      () => form([file(picture), field('top', '3')]),
      problem(400, 'invalid-parameter', 'send it in the query, as in POST /classify?top='),
    ],
    ['an empty file', () => form([file('')]), problem(415, 'not-an-image', 'the file is empty')],
    ['a file of text', () => form([file('notes')]), problem(415, 'not-an-image', 'unsupported file type')],
    [
      'a file above the limit',
      () => form([file(Buffer.alloc(4_400_001))]),
      problem(413, 'image-too-large', 'the picture has 4400001 bytes, more than the limit of 4400000'),
    ],
    [
      'a form above its limit',
      () => form([file(Buffer.alloc(4_470_000))]),
      problem(413, 'image-too-large', 'POST /uploads'),
    ],
    [
      'no boundary',
      () => ({ ...form([file(picture)]), headers: { 'content-type': 'multipart/form-data' } }),
      problem(400, 'malformed-body', 'let your HTTP client write this header'),
    ],
    [
      'another boundary',
      () => ({ ...form([file(picture)]), headers: { 'content-type': 'multipart/form-data; boundary=x' } }),
      problem(400, 'malformed-body', 'its boundary is not the one in Content-Type'),
    ],
    [
      'its second half missing',
      () => {
        const { headers, body } = form([file(picture)]);
        return { headers, body: body.subarray(0, 6000) };
      },
      problem(400, 'malformed-body', 'it ends early'),
    ],
    [
      'a part without headers',
      () => form([{ head: '', content: picture }]),
      problem(400, 'malformed-body', 'a part has no valid headers'),
    ],
    [
      'a damaged escape in a file name',
      () => form([{ head: 'Content-Disposition: form-data; name="a"; filename*=utf-8\'\'%ff', content: picture }]),
      problem(400, 'malformed-body', 'a header of a part is damaged'),
    ],
  ])('with %s is refused, and the reason named', async (_name, make, expected) => {
    expect(await outcomeOf(make())).toEqual(expected);
  });

  test('4,400,000 bytes of a file pass to the decoder', async () => {
    expect(await outcomeOf(form([file(Buffer.concat([picture, Buffer.alloc(4_400_000 - picture.length)]))]))).toEqual({
      label: 'daisy',
      bytes: 4_400_000,
    });
  });
});

describe('JSON', () => {
  const base64 = () => picture.toString('base64');

  test.each<[string, () => string]>([
    ['base64', base64],
    ['base64 without padding', () => base64().replace(/=+$/, '')],
    ['the URL-safe alphabet', () => picture.toString('base64url')],
    ['lines of 76 characters', () => base64().replace(/.{76}/g, '$&\r\n')],
    ['a data: URL', () => `data:image/jpeg;base64,${base64()}`],
    ['a data: URL of another type', () => `DATA:;charset=utf-8;Base64,${base64()}`],
  ])('with %s is taken', async (_name, image) => {
    expect(await outcomeOf(json({ image: image() }))).toEqual(DAISY);
  });

  test.each<[string, unknown, ReturnType<typeof problem>]>([
    ['a stray character', 'aaaa%aaa', problem(400, 'malformed-body', 'image: expected a picture in base64')],
    ['a stray character beyond the BMP', 'aa😀', problem(400, 'malformed-body', 'found "😀"')],
    ['padding in the middle', 'aa==aaaa', problem(400, 'malformed-body', 'found "="')],
    ['an address', 'https://example.com/a.jpg', problem(400, 'malformed-body', 'found ":"')],
    [
      'a data: URL without base64',
      'data:image/svg+xml,<svg/>',
      problem(400, 'malformed-body', 'a data: URL that is not in base64'),
    ],
    ['a data: URL without data', 'data:image/png;base64', problem(400, 'malformed-body', 'a data: URL')],
    ['a character too few', 'aaaaa', problem(400, 'malformed-body', 'found 5 characters')],
    ['a number', 7, problem(400, 'malformed-body', 'image: expected a picture in base64')],
    ['nothing', '', problem(415, 'not-an-image', 'the file is empty')],
    ['no picture', 'bm90ZXM=', problem(415, 'not-an-image', '6e 6f 74 65 73')],
  ])('with %s is refused, and what was expected is named', async (_name, image, expected) => {
    expect(await outcomeOf(json({ image }))).toEqual(expected);
  });

  test.each(['{}', '{"img":"aaaa"}'])('%s is told both fields that there are', async (body) => {
    const expected =
      'expected a JSON object with the field "key" (of an object in the bucket) or "image" (a picture in base64), and no other, found neither';

    expect(await outcomeOf({ headers: json(null).headers, body })).toEqual(problem(400, 'malformed-body', expected));
  });

  test('4,400,000 bytes in base64 pass to the decoder; a byte more is refused', async () => {
    const most = Buffer.concat([picture, Buffer.alloc(4_400_000 - picture.length)]);

    expect(await outcomeOf(json({ image: most.toString('base64') }))).toEqual({ label: 'daisy', bytes: 4_400_000 });
    expect(await outcomeOf(json({ image: Buffer.concat([most, Buffer.alloc(1)]).toString('base64') }))).toEqual(
      problem(413, 'image-too-large', 'the picture has 4400001 bytes'),
    );
  });

  test('a large body of many values is refused before it is parsed', async () => {
    const body = `{"image":[${'[],'.repeat(1_500_000)}[]]}`;

    expect(await outcomeOf({ headers: json(null).headers, body })).toEqual(
      problem(400, 'malformed-body', 'more than 1000 values'),
    );
  });
});

describe('Content-Encoding', () => {
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
      const answer = await api.call('POST', '/classify', encoded(encoding, picture));

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
});

describe('POST /uploads', () => {
  test('image/jpg is another name of image/jpeg', async () => {
    const answer = await api.call('POST', '/uploads', json({ contentType: 'image/jpg' }));

    expect(answer.status).toBe(201);
    expect(jsonOf(answer)).toMatchObject({
      key: expect.stringMatching(/\.jpg$/),
      fields: { 'Content-Type': 'image/jpeg' },
    });
  });
});

describe('Idempotency-Key', () => {
  const withKey = (key: string, { headers, body }: Body): ApiCall => ({
    headers: { ...headers, 'idempotency-key': key },
    body,
  });

  test('the same picture is the same request, whatever is around it', async () => {
    const wrapped: Body[] = [
      form([file(picture)], 'one'),
      form([file(picture, { fileName: 'other.jpg' })], 'two'),
      json({ image: picture.toString('base64') }),
      { headers: { 'content-type': 'image/jpeg' }, body: picture },
      { headers: { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' }, body: gzipSync(picture) },
    ];

    const ids = new Set<string>();
    for (const one of wrapped) {
      const answer = await api.call('POST', '/classify?model=heavy', withKey('wrapped', one));
      expect(answer.status).toBe(202);
      ids.add(jsonOf(answer).id);
    }
    expect(ids.size).toBe(1);
  });

  test('another picture is another request, and so is a key', async () => {
    const lemon = await samplePicture('lemon-1');
    await api.call('POST', '/classify', withKey('another', form([file(picture)])));

    for (const other of [form([file(lemon)]), json({ image: lemon.toString('base64') }), json({ key: 'a' })]) {
      expect(await outcomeOf(withKey('another', other))).toMatchObject({ code: 'idempotency-key-reused' });
    }
  });
});

describe('HEIC for a heavy model', () => {
  const heic = readFileSync(new URL('../../fixtures/heic/whole.heic', import.meta.url));
  const asked: (string | null)[] = [];
  const openWith = (setting: string) =>
    openTestApi({
      modelsDir: folder,
      model: 'sample',
      variables: { ...HEAVY, AUTOSWIFTNET_HEIC: setting },
      change: () => ({ askHeavy: async ({ jobId }) => void asked.push(jobId) }),
    });

  const bodies: [string, () => ApiCall][] = [
    ['of the type image/heif', () => typed('image/heif', heic)],
    ['of the type image/heic', () => typed('image/heic', heic)],
    ['without a telling type', () => typed('application/octet-stream', heic)],
    ['in the bucket, under the name of a JPEG', () => json({ key: 'photo.jpg' })],
  ];

  beforeAll(() => services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'photo.jpg', Body: heic })));

  test.each(bodies)('%s becomes a job', async (_name, body) => {
    asked.length = 0;
    const answer = await openWith('1').call('POST', '/classify?model=heavy', body());

    expect({ status: answer.status, asked }).toEqual({ status: 202, asked: [jsonOf(answer).id] });
  });

  test.each(bodies)('%s is refused by name at once where HEIC is switched off', async (_name, body) => {
    asked.length = 0;
    const answer = await openWith('0').call('POST', '/classify?model=heavy', body());
    const { type: problemType, detail } = jsonOf(answer);

    expect({ status: answer.status, asked }).toEqual({ status: 415, asked: [] });
    expect(problemType).toBe(`${PROBLEM_TYPE_PREFIX}unsupported-format`);
    expect(detail).toContain('HEIC is switched off here');
  });
});
