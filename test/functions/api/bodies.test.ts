import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PROBLEM_TYPE_PREFIX } from '../../../functions/wire.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { type Body, file, form, json } from './bodies.ts';
import { HEAVY, picture, typed, useBodiesWorld } from './body-kinds/bodies-world.ts';
import { bytesTests } from './body-kinds/bytes.ts';
import { encodedTests } from './body-kinds/encoded.ts';
import { formTests } from './body-kinds/form.ts';
import { jsonTests } from './body-kinds/json.ts';
import { type ApiCall, BUCKET, jsonOf, openTestApi } from './test-api.ts';

const world = useBodiesWorld();
const { folder, services, api, outcomeOf } = world;

describe('bytes', () => bytesTests(world));
describe('a form', () => formTests(world));
describe('JSON', () => jsonTests(world));
describe('Content-Encoding', () => encodedTests(world));

describe('POST /uploads', () => {
  test('image/jpg is another name of image/jpeg', async () => {
    const answer = await api().call('POST', '/uploads', json({ contentType: 'image/jpg' }));

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
      const answer = await api().call('POST', '/classify?model=heavy', withKey('wrapped', one));
      expect(answer.status).toBe(202);
      ids.add(jsonOf(answer).id);
    }
    expect(ids.size).toBe(1);
  });

  test('another picture is another request, and so is a key', async () => {
    const lemon = await samplePicture('lemon-1');
    await api().call('POST', '/classify', withKey('another', form([file(picture)])));

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
      modelsDir: folder(),
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

  beforeAll(() => services().s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'photo.jpg', Body: heic })));

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
