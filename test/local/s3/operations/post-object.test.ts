import { GetObjectCommand, GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { type Answer, codeOf, startTestServer, type TestServer } from '../local-server.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const BOUNDARY = 'form-boundary';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ clock: () => NOW });
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const SIGNATURE_FIELDS = {
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': 'AKID/20260131/us-east-1/s3/aws4_request',
  'x-amz-date': '20260131T115900Z',
};

function policy(conditions: unknown[], expiration = '2026-01-31T12:00:01.000Z'): string {
  const own = Object.entries(SIGNATURE_FIELDS).map(([name, value]) => ({ [name]: value }));
  return Buffer.from(
    JSON.stringify({ expiration, conditions: [{ bucket: 'bucket' }, ...own, ...conditions] }),
  ).toString('base64');
}

function signed(fields: Record<string, string>, conditions: unknown[], expiration?: string): Record<string, string> {
  return { ...fields, ...SIGNATURE_FIELDS, policy: policy(conditions, expiration), 'x-amz-signature': 'ab'.repeat(32) };
}

function form(fields: Record<string, string>, file: string | undefined = 'bytes', fileName = 'cat ü.png'): string {
  const parts = Object.entries(fields).map(
    ([name, value]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`,
  );
  parts.push(
    `Content-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: image/png\r\n\r\n${file}`,
  );
  return `${parts.map((part) => `--${BOUNDARY}\r\n${part}\r\n`).join('')}--${BOUNDARY}--\r\n`;
}

function post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
  return server.send({
    method: 'POST',
    path: '/bucket',
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    },
    body,
  });
}

test('a form that meets its policy is stored with type, metadata and tags, and reported as a post', async () => {
  const fields = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder
    key: 'form/${filename}',
    'Content-Type': 'image/png',
    'x-amz-meta-from': 'größe',
    tagging: '<Tagging><TagSet><Tag><Key>t</Key><Value>1</Value></Tag></TagSet></Tagging>',
    'x-ignore-me': 'x',
    success_action_status: '201',
  };
  const conditions = [
    ['starts-with', '$key', 'form/'],
    ['starts-with', '$Content-Type', 'image/'],
    ['eq', '$x-amz-meta-from', 'größe'],
    ['starts-with', '$tagging', ''],
    ['content-length-range', 5, 5],
    { success_action_status: '201' },
  ];

  const answer = await post(form(signed(fields, conditions)));

  expect(answer.status).toBe(201);
  expect(answer.body).toContain('<Key>form/cat ü.png</Key>');
  const stored = await server.client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'form/cat ü.png' }));
  expect(stored.ContentType).toBe('image/png');
  expect(Buffer.from(stored.Metadata?.['from'] ?? '', 'latin1').toString()).toBe('größe');
  expect(await stored.Body?.transformToString()).toBe('bytes');
  const { TagSet } = await server.client.send(new GetObjectTaggingCommand({ Bucket: 'bucket', Key: 'form/cat ü.png' }));
  expect(TagSet).toEqual([{ Key: 't', Value: '1' }]);
  expect(server.events.at(-1)).toMatchObject({
    eventName: 'ObjectCreated:Post',
    s3: { object: { key: 'form/cat+%C3%BC.png', size: 5 } },
  });
});

test('an anonymous form is refused', async () => {
  const anonymous = await post(form({ key: 'k' }));
  const unsigned = await post(form({ key: 'k', policy: policy([{ key: 'k' }]) }));

  expect([anonymous.status, codeOf(anonymous)]).toEqual([403, 'AccessDenied']);
  expect([unsigned.status, codeOf(unsigned)]).toEqual([403, 'AccessDenied']);
});

const KEY = { key: 'k' };
test.each<[string, string, string]>([
  ['another key', 'AccessDenied', form(signed({ key: 'other' }, [KEY]))],
  ['a key outside the prefix', 'AccessDenied', form(signed({ key: 'other/x' }, [['starts-with', '$key', 'form/']]))],
  ['a field the policy does not name', 'AccessDenied', form(signed({ ...KEY, acl: 'public-read' }, [KEY]))],
  ['a condition on a field that is missing', 'AccessDenied', form(signed(KEY, [KEY, { acl: 'private' }]))],
  [
    'another type',
    'AccessDenied',
    form(signed({ ...KEY, 'content-type': 'text/html' }, [KEY, ['starts-with', '$Content-Type', 'image/']])),
  ],
  ['another bucket', 'AccessDenied', form(signed(KEY, [KEY, { bucket: 'other' }]))],
  ['an expired policy', 'AccessDenied', form(signed(KEY, [KEY], '2026-01-31T11:59:59.000Z'))],
  ['a file too large', 'EntityTooLarge', form(signed(KEY, [KEY, ['content-length-range', 0, 4]]))],
  ['a file too small', 'EntityTooSmall', form(signed(KEY, [KEY, ['content-length-range', 6, 9]]))],
  ['a policy that is no JSON', 'InvalidArgument', form({ ...signed(KEY, [KEY]), policy: 'e30' })],
  ['an unknown condition', 'InvalidArgument', form(signed(KEY, [KEY, ['matches', '$key', 'x']]))],
  ['no key', 'InvalidArgument', form(signed({}, []))],
  ['a field twice', 'InvalidArgument', form({ ...signed(KEY, [KEY]), KEY: 'other' })],
  [
    'fields too large',
    'MaxPostPreDataLengthExceeded',
    form(signed({ ...KEY, 'x-ignore-a': 'x'.repeat(21_000) }, [KEY])),
  ],
  [
    'no file',
    'InvalidArgument',
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--${BOUNDARY}--\r\n`,
  ],
  ['a form cut short', 'MalformedPOSTRequest', form(signed(KEY, [KEY])).slice(0, -30)],
  ['a key too long', 'KeyTooLongError', form(signed({ key: 'k'.repeat(1025) }, [['starts-with', '$key', '']]))],
  [
    'a bad tag',
    'InvalidTag',
    form(
      signed({ ...KEY, tagging: '<Tagging><TagSet><Tag><Key>a,b</Key><Value/></Tag></TagSet></Tagging>' }, [
        KEY,
        ['starts-with', '$tagging', ''],
      ]),
    ),
  ],
])('%s: %s', async (_what, code, body) => {
  const before = server.events.length;

  expect(codeOf(await post(body))).toBe(code);

  expect(server.events).toHaveLength(before);
  expect((await server.send({ path: '/bucket/k' })).status).not.toBe(200);
});

test.each(['text/plain', 'multipart/form-data', 'multipart/form-data; boundary='])(
  'a post of type %j is refused',
  async (type) => {
    const answer = await post(form(signed(KEY, [KEY])), { 'content-type': type });

    expect([400, 403]).toContain(answer.status);
  },
);

test('a form can ask for a redirect, to http addresses only', async () => {
  const send = async (redirect: string) =>
    post(
      form(
        signed({ key: 'redirected', success_action_redirect: redirect }, [
          { key: 'redirected' },
          ['starts-with', '$success_action_redirect', ''],
        ]),
      ),
    );

  const followed = await send('http://127.0.0.1:3000/done?x=1');
  const ignored = await send('javascript:alert(1)');

  expect(followed.status).toBe(303);
  expect(followed.headers.location).toBe(
    'http://127.0.0.1:3000/done?x=1&bucket=bucket&key=redirected&etag=%224b3a6218bb3e3a7303e8a171a60fcf92%22',
  );
  expect(ignored.status).toBe(204);
});
