import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { ImageTooLargeError } from '../../../classifier/errors.ts';
import { IncompleteBodyError, ObjectAccessError } from '../../../functions/tagging/errors.ts';
import { openObjectStore } from '../../../functions/tagging/objects.ts';
import { socketOf, startStallingS3 } from '../stalling-s3.ts';

/** What the client hands over to be sent. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, unknown>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, unknown>;
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Readable;
}

const OBJECT = { bucket: 'pictures', key: 'a b/ü.jpg', versionId: null };
const VERSION = { ...OBJECT, versionId: 'v 1' };

/** S3 behind the real client: every request is kept, and gets the one answer. */
function storeAnswering({ status, headers = {}, body = '' }: Answer) {
  const sent: Sent[] = [];
  const client = new S3Client({
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: Request) => {
        const { method, path, query = {}, headers: given, body: text } = request;
        sent.push({ method, path, query, headers: given, body: String(text ?? '') });
        const stream = typeof body === 'string' ? Readable.from([Buffer.from(body)], { objectMode: false }) : body;
        return { response: { statusCode: status, headers, body: stream } };
      },
    },
  });
  return { objects: openObjectStore(client), sent };
}

function errorAnswer(status: number, code: string): Answer {
  return {
    status,
    body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    headers: { 'content-type': 'application/xml' },
  };
}

async function openFound(answer: Answer) {
  const found = await storeAnswering(answer).objects.open(OBJECT, null);
  if (typeof found === 'string') throw new TypeError(found);
  return found;
}

describe('opening', () => {
  test('an object of no version is read while it has the ETag', async () => {
    const { objects, sent } = storeAnswering({
      status: 200,
      headers: { etag: '"e1"', 'content-length': '3' },
      body: 'cat',
    });
    const found = await objects.open(OBJECT, 'e1');

    expect(found).toMatchObject({ eTag: 'e1', versionId: null, size: 3 });
    expect(sent).toMatchObject([
      { method: 'GET', path: '/pictures/a%20b/%C3%BC.jpg', headers: { 'if-match': '"e1"' } },
    ]);
  });

  test('a version is read by its id alone', async () => {
    const headers = { etag: '"e1"', 'content-length': '3', 'x-amz-version-id': 'v 1' };
    const { objects, sent } = storeAnswering({ status: 200, headers, body: 'cat' });

    expect(await objects.open(VERSION, 'e1')).toMatchObject({ versionId: 'v 1' });
    expect(sent[0]?.query).toMatchObject({ versionId: 'v 1' });
    expect(sent[0]?.headers['if-match']).toBeUndefined();
  });

  test.each([
    [404, 'NoSuchKey', 'gone'],
    [404, 'NoSuchVersion', 'gone'],
    [405, 'MethodNotAllowed', 'gone'],
    [412, 'PreconditionFailed', 'superseded'],
  ])('%d %s is not an error: %s', async (status, code, outcome) => {
    expect(await storeAnswering(errorAnswer(status, code)).objects.open(OBJECT, 'e1')).toBe(outcome);
  });

  test('403 is a fault of ours and says what to grant', async () => {
    const { objects } = storeAnswering(errorAnswer(403, 'AccessDenied'));

    await expect(objects.open(VERSION, null)).rejects.toThrow(ObjectAccessError);
    await expect(objects.open(VERSION, null)).rejects.toThrow(
      /^GetObject s3:\/\/pictures\/a b\/ü\.jpg \(version v 1\): access denied \(403\)\. Grant the function s3:GetObject,/,
    );
  });

  test('any other answer is thrown as it is', async () => {
    await expect(storeAnswering(errorAnswer(503, 'SlowDown')).objects.open(OBJECT, null)).rejects.toThrow('SlowDown');
  });
});

describe('reading', () => {
  test('all bytes, up to exactly the limit', async () => {
    const found = await openFound({
      status: 200,
      headers: { 'content-length': '6' },
      body: Readable.from([Buffer.from('ab'), Buffer.from('cdef')]),
    });

    expect(Buffer.from(await found.bytes(6)).toString()).toBe('abcdef');
  });

  test('one byte more than the limit is refused before anything is read', async () => {
    const body = Readable.from([Buffer.from('abcdefg')]);
    const found = await openFound({ status: 200, headers: { 'content-length': '7' }, body });

    await expect(found.bytes(6)).rejects.toThrow(ImageTooLargeError);
    expect([body.destroyed, body.readableDidRead]).toEqual([true, false]);
  });

  test('a body that ends early, or does not end, is not taken for an image', async () => {
    const short = await openFound({
      status: 200,
      headers: { 'content-length': '7' },
      body: Readable.from([Buffer.from('abc')]),
    });
    const endless = Readable.from(Array.from({ length: 1000 }, () => Buffer.from('abc')));
    const long = await openFound({ status: 200, headers: { 'content-length': '7' }, body: endless });

    await expect(short.bytes(10)).rejects.toThrow(
      new IncompleteBodyError('s3://pictures/a b/ü.jpg: expected 7 bytes, received 3.'),
    );
    await expect(long.bytes(10)).rejects.toThrow(IncompleteBodyError);
    expect(endless.destroyed).toBe(true);
  });

  test('the beginning is read from as many pieces as it takes, and the rest is not', async () => {
    const body = Readable.from(Array.from({ length: 1000 }, () => Buffer.from('abc')));
    const found = await openFound({ status: 200, headers: { 'content-length': '3000' }, body });

    expect(Buffer.from(await found.beginning(4)).toString()).toBe('abcabc');
    expect(body.destroyed).toBe(true);
  });

  test.each([
    ['abc', true],
    ['ab', false],
  ])('of an object of 3 bytes, %j is %p the whole beginning', async (content, isWhole) => {
    const body = Readable.from([Buffer.from(content)]);
    const found = await openFound({ status: 200, headers: { 'content-length': '3' }, body });

    const outcome = await found.beginning(512).then(
      (bytes) => Buffer.from(bytes).toString(),
      (error) => error.name,
    );

    expect(outcome).toBe(isWhole ? 'abc' : 'IncompleteBodyError');
  });

  test('a connection that is reset before anybody reads is an error for the reader alone', async () => {
    const s3 = await startStallingS3();
    const client = new S3Client({
      endpoint: s3.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    try {
      const found = await openObjectStore(client).open(OBJECT, null);
      if (typeof found === 'string') throw new TypeError(found);
      const socket = socketOf(client);
      // Not `once` of node:events, which takes the reset for a failure of the wait.
      const closed = new Promise((resolve) => socket.once('close', resolve));
      s3.reset();
      await closed;
      // The body tells of the reset in a later tick. Here nobody catches an error of the process.
      await new Promise((resolve) => setImmediate(resolve));

      await expect(found.bytes(10_000)).rejects.toMatchObject({ code: 'ECONNRESET' });
    } finally {
      client.destroy();
      await s3.close();
    }
  });

  test('a discarded body is closed', async () => {
    const body = Readable.from([Buffer.from('abc')]);
    const found = await openFound({ status: 200, headers: { 'content-length': '3' }, body });
    found.discard();

    expect(body.destroyed).toBe(true);
  });
});

describe('tags', () => {
  const TAGGING =
    '<Tagging><TagSet><Tag><Key>team</Key><Value>red &amp; blue</Value></Tag><Tag><Key>empty</Key><Value></Value></Tag></TagSet></Tagging>';

  test('are read of the version', async () => {
    const { objects, sent } = storeAnswering({ status: 200, body: TAGGING });

    expect(await objects.tags(VERSION)).toEqual([
      { key: 'team', value: 'red & blue' },
      { key: 'empty', value: '' },
    ]);
    expect(sent[0]).toMatchObject({ method: 'GET', query: { tagging: '', versionId: 'v 1' } });
  });

  test('of an object without any are an empty list', async () => {
    expect(await storeAnswering({ status: 200, body: '<Tagging><TagSet/></Tagging>' }).objects.tags(OBJECT)).toEqual(
      [],
    );
  });

  test('are written to the version', async () => {
    const { objects, sent } = storeAnswering({ status: 200 });

    expect(await objects.putTags(VERSION, [{ key: 'a:b', value: 'c d' }])).toBe('put');
    expect(sent[0]).toMatchObject({ method: 'PUT', query: { tagging: '', versionId: 'v 1' } });
    expect(sent[0]?.body).toContain('<Tag><Key>a:b</Key><Value>c d</Value></Tag>');
  });

  test('of an object that was deleted meanwhile are not an error', async () => {
    const { objects } = storeAnswering(errorAnswer(404, 'NoSuchKey'));

    expect([await objects.tags(OBJECT), await objects.putTags(OBJECT, [])]).toEqual(['gone', 'gone']);
  });

  test('a refusal of S3 is thrown: 403 by name, a conflict as it is', async () => {
    await expect(storeAnswering(errorAnswer(403, 'AccessDenied')).objects.putTags(OBJECT, [])).rejects.toThrow(
      ObjectAccessError,
    );
    await expect(storeAnswering(errorAnswer(409, 'OperationAborted')).objects.putTags(OBJECT, [])).rejects.toThrow(
      'OperationAborted',
    );
  });
});

test.each([
  [{ 'x-amz-meta-autoswiftnet-model': 'auto' }, 'auto'],
  [{ 'x-amz-meta-autoswiftnet-model': '' }, null],
  [{ 'x-amz-meta-other': 'auto' }, null],
])('metadata %j requests model %j', async (metadata, requestedModel) => {
  const { objects } = storeAnswering({ status: 200, headers: { 'content-length': '1', ...metadata }, body: 'x' });

  expect(await objects.open(OBJECT, null)).toMatchObject({ requestedModel });
});

test('an object exists until it does not', async () => {
  expect(await storeAnswering({ status: 200 }).objects.exists(VERSION)).toBe(true);
  expect(await storeAnswering({ status: 404 }).objects.exists(VERSION)).toBe(false);
  await expect(storeAnswering({ status: 403 }).objects.exists(VERSION)).rejects.toThrow(ObjectAccessError);
});
