import { PutObjectCommand } from '@aws-sdk/client-s3';
import { idOfKey } from '../../../functions/api/parameters.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { BUCKET, jsonOf, openTestApi, openTestServices, type TestApi, type TestServices } from './test-api.ts';

const SCANS = 'scans';
const WATCHED = [
  { bucket: BUCKET, prefix: 'in/', suffix: '' },
  { bucket: SCANS, prefix: '2026/a/', suffix: '.jpg' },
  { bucket: SCANS, prefix: '2026/b/', suffix: '.png' },
];
const KEYS = {
  [BUCKET]: ['in/1.jpg', 'out/1.jpg'],
  [SCANS]: ['2026/a/1.jpg', '2026/a/1.png', '2026/b/2.png', '2025/3.jpg'],
};

let services: TestServices;
let api: TestApi;

beforeAll(async () => {
  services = await openTestServices(SCANS);
  const Body = await samplePicture('daisy-1');
  for (const [Bucket, keys] of Object.entries(KEYS)) {
    for (const Key of keys) await services.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }
  const variables = { AUTOSWIFTNET_WATCHED: JSON.stringify(WATCHED) };
  api = openTestApi({ modelsDir: 'none', model: 'sample', variables });
});

afterAll(() => services.close());

const JSON_TYPE = { 'content-type': 'application/json' };

async function keysAt(target: string): Promise<string[]> {
  return jsonOf(await api.call('GET', target)).images.map(({ key }: { key: string }) => key);
}

async function statusOf(method: string, target: string, body?: object): Promise<number> {
  const call = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) };
  return (await api.call(method, target, call)).status;
}

test('a request lists the watched objects of the bucket that it names, or of the first one', async () => {
  expect(await keysAt('/images')).toEqual(['in/1.jpg']);
  expect(await keysAt(`/images?bucket=${BUCKET}`)).toEqual(['in/1.jpg']);
  expect(await keysAt(`/images?bucket=${SCANS}`)).toEqual(['2026/a/1.jpg', '2026/b/2.png']);
});

test('a page may be short of what is not watched, and its cursor leads on', async () => {
  const first = jsonOf(await api.call('GET', `/images?bucket=${SCANS}&limit=2`));

  expect(first.images).toHaveLength(1);
  expect(await keysAt(`/images?bucket=${SCANS}&limit=2&cursor=${first.cursor}`)).toEqual(['2026/b/2.png']);
});

test('an image and its thumbnail are those of the named bucket, and nothing else is there', async () => {
  const id = idOfKey('2026/a/1.jpg');

  expect(jsonOf(await api.call('GET', `/images/${id}?bucket=${SCANS}`)).url).toContain(`/${SCANS}/2026/a/1.jpg?`);
  expect(await statusOf('GET', `/images/${id}/thumbnail?bucket=${SCANS}`)).toBe(200);
  for (const target of [
    `/images/${id}`,
    `/images/${id}/thumbnail`,
    `/images/${idOfKey('2025/3.jpg')}?bucket=${SCANS}`,
  ]) {
    expect(await statusOf('GET', target)).toBe(404);
  }
  expect(await statusOf('POST', '/classify', { key: 'out/1.jpg' })).toBe(404);
  expect(await statusOf('POST', `/classify?bucket=${SCANS}`, { key: '2026/a/1.png' })).toBe(404);
});

test('an upload gets a key that is watched, in the named bucket', async () => {
  const upload = async (query: string, contentType: string) => {
    const answer = await api.call('POST', `/uploads${query}`, {
      headers: JSON_TYPE,
      body: JSON.stringify({ contentType }),
    });
    return { ...jsonOf(answer), location: answer.headers['location'] };
  };

  expect(await upload('', 'image/webp')).toMatchObject({ key: expect.stringMatching(/^in\/uploads\/.*\.webp$/) });
  expect(await upload(`?bucket=${SCANS}`, 'image/png')).toMatchObject({
    key: expect.stringMatching(/^2026\/b\/uploads\/.*\.png$/),
    url: expect.stringContaining(SCANS),
    location: expect.stringMatching(/\?bucket=scans$/),
  });
  expect((await upload(`?bucket=${SCANS}`, 'image/webp')).detail).toContain(
    'get keys that end with .webp, and the bucket tags only those that end with .jpg, .png',
  );
});

test('a bucket that is not watched, or is named twice, is an error that says which there are', async () => {
  const unknown = jsonOf(await api.call('GET', '/images?bucket=service'));

  expect(unknown.detail).toContain('expected one of bucket, scans');
  expect(await statusOf('GET', `/images?bucket=${SCANS}&bucket=${SCANS}`)).toBe(400);
});

test('the same Idempotency-Key for another bucket is another request', async () => {
  const ask = (query: string) =>
    api.call('POST', `/uploads${query}`, {
      headers: { ...JSON_TYPE, 'idempotency-key': 'one' },
      body: JSON.stringify({ contentType: 'image/jpeg' }),
    });

  const [first, again, other] = [await ask(''), await ask(''), await ask(`?bucket=${SCANS}`)];

  expect(again.body).toBe(first.body);
  expect(other.status).toBe(422);
});
