import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { OPENAPI_FILE } from '../../../functions/api/openapi.ts';
import { idOfKey } from '../../../functions/api/parameters.ts';
import { ROUTE_PATHS } from '../../../functions/api/route-paths.ts';
import { toDone } from '../../../functions/records/job.ts';
import { openJobStore } from '../../../functions/records/job-store.ts';
import type { HeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { PROBLEM_TYPE_PREFIX } from '../../../functions/wire.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { TABLE } from '../records/test-table.ts';
import { type ApiAnswer, DOCUMENTED } from './contract.ts';
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
  AUTOSWIFTNET_CASCADE_THRESHOLD: '1',
  AUTOSWIFTNET_MAX_IMAGE_BYTES: '30000',
  AUTOSWIFTNET_MAX_IMAGE_PIXELS: '1000000',
};
const JPEG = { 'content-type': 'image/jpeg' };
const JSON_TYPE = { 'content-type': 'application/json' };

let folder: string;
let services: TestServices;
let api: TestApi;
let broken: TestApi;
let loading: TestApi;
let picture: Buffer;
const asked: HeavyRequest[] = [];
const seenElsewhere = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-contract-'));
  services = await openTestServices();
  await ensureSamplePackage(folder);
  picture = await samplePicture('daisy-1');
  const options = { modelsDir: folder, model: 'sample' };
  const askHeavy = async (request: HeavyRequest) => void asked.push(request);
  api = openTestApi({ ...options, variables: HEAVY, change: () => ({ askHeavy }) });
  const fault = () => Promise.reject(new Error('a secret of ours'));
  broken = openTestApi({
    ...options,
    change: (real) => ({
      classifier: fault,
      smallManifest: fault,
      jobs: { ...real.jobs, read: fault },
      search: fault,
      readRecords: fault,
      records: { readRecord: fault },
      bucket: { ...real.bucket, presignPost: fault },
    }),
  });
  loading = openTestApi({
    ...options,
    change: () => ({ classifier: () => new Promise(() => {}), modelWaitMs: 20 }),
  });
});

afterAll(async () => {
  await services?.close();
  await rm(folder, { recursive: true, force: true });
});

/** An object of the bucket that nobody has looked at. */
async function object(key: string, Body: string | Buffer): Promise<string> {
  await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body, ContentType: 'text/html' }));
  return key;
}

const typeOf = (answer: ApiAnswer) => jsonOf(answer).type?.replace(PROBLEM_TYPE_PREFIX, '');

test('200: a picture, with the requested options', async () => {
  const answer = await api.call('POST', '/classify?top=3&explain=true', { headers: JPEG, body: picture });

  expect(answer.status).toBe(200);
  expect(jsonOf(answer)).toMatchObject({
    model: 'sample',
    image: { width: 320, height: 360, format: 'jpeg', bytes: picture.length },
    explanation: { label: 'daisy', overlay: { contentType: 'image/png', width: 128, height: 144 } },
    escalated: null,
  });
  expect(jsonOf(answer).predictions.map(({ label }: { label: string }) => label)).toHaveLength(3);
  expect(jsonOf(answer).predictions[0].label).toBe('daisy');
});

test('200: an object of the bucket, and the reading of it is among the timings', async () => {
  const key = await object('a b/ü.jpg', picture);

  const answer = await api.call('POST', '/classify', { headers: JSON_TYPE, body: JSON.stringify({ key }) });

  const { timings, predictions } = jsonOf(answer);
  expect(predictions[0].label).toBe('daisy');
  expect(timings.total).toBeCloseTo(timings.read + timings.decode + timings.run, 0);
});

test('202: a heavy model gets a job, and the result is shown once it exists', async () => {
  const answer = await api.call('POST', '/classify?model=heavy&top=7', { headers: JPEG, body: picture });
  const { id } = jsonOf(answer);
  const request = asked.at(-1);

  expect(answer.status).toBe(202);
  expect(answer.headers).toMatchObject({ location: `/jobs/${id}`, 'retry-after': '2' });
  expect(request).toMatchObject({
    jobId: id,
    model: 'heavy',
    top: 7,
    source: { bucket: 'service', key: `jobs/${id}` },
  });
  const queued = await api.call('GET', `/jobs/${id}`);
  expect(jsonOf(queued)).toMatchObject({ id, state: 'queued', result: null });
  expect(queued.headers['retry-after']).toBe('2');

  const job = await api.dependencies.jobs.read(id);
  if (job === null) throw new TypeError('expected the job');
  const prediction = { rank: 1, label: 'daisy', wnid: 'n11939491', index: 985, probability: 0.9 };
  const image = { width: 320, height: 360, format: 'jpeg', bytes: picture.length } as const;
  await openJobStore(services.table.client, TABLE).write(
    toDone(job, { image, predictions: [prediction], explanation: null }, new Date()),
  );
  const done = await api.call('GET', `/jobs/${id}`);

  expect(jsonOf(done)).toMatchObject({ state: 'done', result: { model: 'heavy', predictions: [prediction], image } });
  expect(done.headers['retry-after']).toBeUndefined();
});

test('200: a job that waits for a model that is not deployed any more has failed, until the model comes back and answers it', async () => {
  const answer = await api.call('POST', '/classify?model=heavy', { headers: JPEG, body: picture });
  const { id } = jsonOf(answer);
  const withoutHeavy = openTestApi({ modelsDir: folder, model: 'sample' });
  const failed = await withoutHeavy.call('GET', `/jobs/${id}`);

  expect(jsonOf(failed)).toMatchObject({ id, state: 'failed', reason: { code: 'heavy-model-removed' }, result: null });
  expect(jsonOf(failed).reason.message).toMatch(/^the model heavy is not deployed any more/);
  expect(failed.headers['retry-after']).toBeUndefined();
  expect(jsonOf(await api.call('GET', `/jobs/${id}`))).toMatchObject({ state: 'failed' });
  const job = await api.dependencies.jobs.read(id);
  if (job === null) throw new TypeError('expected the job');
  const image = { width: 320, height: 360, format: 'jpeg', bytes: picture.length } as const;
  const prediction = { rank: 1, label: 'daisy', wnid: 'n11939491', index: 985, probability: 0.9 };
  const done = toDone(job, { image, predictions: [prediction], explanation: null }, new Date());
  await openJobStore(services.table.client, TABLE).write(done);
  expect(jsonOf(await withoutHeavy.call('GET', `/jobs/${id}`))).toMatchObject({ state: 'done', reason: null });
});

test('202: a heavy model looks at an object where it lies', async () => {
  const key = await object('for-heavy.jpg', picture);

  const answer = await api.call('POST', '/classify?model=heavy', { headers: JSON_TYPE, body: JSON.stringify({ key }) });

  expect(answer.status).toBe(202);
  expect(asked.at(-1)?.source).toEqual({
    bucket: BUCKET,
    key,
    versionId: null,
    eTag: expect.stringMatching(/^[0-9a-f]{32}$/),
    sequencer: null,
  });
});

test('model=auto answers at once, and links the job where it is not sure', async () => {
  const before = asked.length;

  const answer = await api.call('POST', '/classify?model=auto', { headers: JPEG, body: picture });

  const { model, escalated } = jsonOf(answer);
  expect(model).toBe('sample');
  expect(escalated).toEqual({ model: 'heavy', jobId: asked.at(-1)?.jobId, job: `/jobs/${asked.at(-1)?.jobId}` });
  expect(asked.length).toBe(before + 1);
});

test.each([
  ['POST', '/classify?top=0', 'top'],
  ['POST', '/classify?top=1&top=2', 'top'],
  ['POST', '/classify?explain=yes', 'explain'],
  ['POST', '/classify?tpo=3', 'tpo'],
  ['POST', '/classify?model=', 'model'],
  ['POST', '/classify?model=heavy&top=101', 'top'],
  ['POST', '/uploads?x=1', 'x'],
  ['GET', '/images?limit=101', 'limit'],
  ['GET', '/images?minProbability=0.5', 'minProbability'],
  ['GET', '/images?label=a&minProbability=1.5', 'minProbability'],
  ['GET', '/images?label=', 'label'],
  ['GET', '/images?cursor=abc', 'cursor'],
  ['GET', '/images?label=a&cursor=abc', 'cursor'],
  ['GET', '/images/YQ==', 'id'],
  ['GET', '/images/_w', 'id'],
  ['GET', '/jobs/%20', 'id'],
])('400: %s %s names the parameter %s', async (method, target, parameter) => {
  const answer = await api.call(method, target, { headers: method === 'POST' ? JPEG : {}, body: '' });

  expect(answer.status).toBe(400);
  expect(jsonOf(answer)).toMatchObject({ type: `${PROBLEM_TYPE_PREFIX}invalid-parameter`, parameter });
});

test.each([
  ['/classify', 'a broken object', '{', 'malformed-body', 400],
  ['/classify', 'a list', '[]', 'malformed-body', 400],
  ['/classify', 'a key that is a number', '{"key":1}', 'malformed-body', 400],
  ['/classify', 'more than a key', '{"key":"a","b":1}', 'malformed-body', 400],
  ['/classify', 'a key of 1,026 bytes', `{"key":"${'ü'.repeat(513)}"}`, 'malformed-body', 400],
  ['/classify', 'a key of no object', '{"key":"not there"}', 'image-not-found', 404],
  ['/classify', 'a list of values', `[${'1,'.repeat(10_000)}1]`, 'malformed-body', 400],
  ['/classify', 'too much', `"${'a'.repeat(5_900_000)}"`, 'image-too-large', 413],
  ['/classify', 'both a key and an image', '{"key":"a","image":"aaaa"}', 'malformed-body', 400],
  ['/uploads', 'a type that is not taken', '{"contentType":"image/svg+xml"}', 'malformed-body', 400],
  ['/uploads', 'nothing', '', 'malformed-body', 400],
  ['/uploads', 'too much', `"${'a'.repeat(20_000)}"`, 'body-too-large', 413],
])('POST %s with %s', async (path, _name, body, code, status) => {
  const answer = await api.call('POST', path, { headers: JSON_TYPE, body });

  expect([answer.status, typeOf(answer)]).toEqual([status, code]);
});

test.each([
  ['text', { 'content-type': 'text/plain' }, 'a', 'unsupported-media-type', 415],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 'unsupported-media-type', 415],
  ['notes', JPEG, 'these are notes', 'not-an-image', 415],
  [
    'an SVG',
    { 'content-type': 'image/svg+xml' },
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'unsupported-format',
    415,
  ],
])('415: %s', async (_name, headers, body, code, status) => {
  const answer = await api.call('POST', '/classify', { headers, body });

  expect([answer.status, typeOf(answer)]).toEqual([status, code]);
});

test('415: the error names the accepted media types; a picture needs no media type', async () => {
  const refused = await api.call('POST', '/classify', { headers: { 'content-type': 'text/plain' }, body: 'a' });
  const taken = await api.call('POST', '/classify', { body: picture });
  const json = await api.call('POST', '/uploads', { headers: JPEG, body: '{}' });

  expect(jsonOf(refused).accepted).toEqual([
    'image/*',
    'application/octet-stream',
    'multipart/form-data',
    'application/json',
  ]);
  expect(jsonOf(json).accepted).toEqual(['application/json']);
  expect(taken.status).toBe(200);
});

test('404: an unknown model comes with the list', async () => {
  const answer = await api.call('POST', '/classify?model=resnet9000', { headers: JPEG, body: picture });

  expect(answer.status).toBe(404);
  expect(jsonOf(answer)).toMatchObject({ type: `${PROBLEM_TYPE_PREFIX}unknown-model`, models: ['sample', 'heavy'] });
});

test('413: exactly the limit passes to the decoder; a byte more is refused, and the way named', async () => {
  const most = await loading.call('POST', '/classify', { headers: JPEG, body: Buffer.alloc(4_400_000) });
  const more = await loading.call('POST', '/classify', { headers: JPEG, body: Buffer.alloc(4_400_001) });

  expect(most.status).toBe(503);
  expect([more.status, typeOf(more)]).toEqual([413, 'image-too-large']);
  expect(jsonOf(more).detail).toContain('POST /uploads');
});

test('413: an object above the limit, and a picture of too many pixels', async () => {
  const key = await object('large.jpg', Buffer.alloc(30_001));
  const bomb = Buffer.from(picture);
  const sof = bomb.indexOf(Buffer.from([0xff, 0xc0]));
  bomb.writeUInt16BE(60_000, sof + 5);

  const large = await api.call('POST', '/classify', { headers: JSON_TYPE, body: JSON.stringify({ key }) });
  const many = await api.call('POST', '/classify', { headers: JPEG, body: bomb });

  expect([large.status, typeOf(large)]).toEqual([413, 'image-too-large']);
  expect([many.status, typeOf(many)]).toEqual([413, 'too-many-pixels']);
});

test('422: a picture that ends early', async () => {
  const answer = await api.call('POST', '/classify', { headers: JPEG, body: picture.subarray(0, 2000) });

  expect([answer.status, typeOf(answer)]).toEqual([422, 'truncated-image']);
});

test('503: while the model loads, with the time to wait', async () => {
  const answer = await loading.call('POST', '/classify', { headers: JPEG, body: picture });

  expect([answer.status, typeOf(answer)]).toEqual([503, 'model-loading']);
  expect(answer.headers['retry-after']).toBe('5');
});

test.each([
  ['POST', '/classify'],
  ['GET', '/jobs/x'],
  ['GET', '/images'],
  ['GET', '/images?label=a'],
  ['GET', '/images/YQ'],
  ['POST', '/uploads'],
  ['GET', '/models'],
])('500: a fault of ours at %s %s keeps its secrets', async (method, target) => {
  await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'a' }));
  const bodies: Record<string, ApiCall> = {
    '/uploads': { headers: JSON_TYPE, body: '{"contentType":"image/png"}' },
    '/classify': { headers: JPEG, body: picture },
  };

  const answer = await broken.call(method, target, bodies[target]);

  expect([answer.status, typeOf(answer)]).toEqual([500, 'internal']);
  expect(answer.body).not.toMatch(/secret|Error:|\n/);
  expect(jsonOf(answer).detail).toContain(jsonOf(answer).requestId);
});

describe('Idempotency-Key', () => {
  const withKey = (key: string) => ({ headers: { ...JPEG, 'Idempotency-Key': key }, body: picture });

  test('the same key and request: the same answer and one job', async () => {
    const before = asked.length;
    const first = await api.call('POST', '/classify?model=heavy', withKey('one'));
    const second = await api.call('POST', '/classify?model=heavy', withKey('one'));

    expect(second).toEqual(first);
    expect(asked.length).toBe(before + 1);
  });

  test('the same key for an upload: the same form', async () => {
    const request = { headers: { ...JSON_TYPE, 'Idempotency-Key': 'two' }, body: '{"contentType":"image/png"}' };

    expect(await api.call('POST', '/uploads', request)).toEqual(await api.call('POST', '/uploads', request));
  });

  test('the same key with another request: 422', async () => {
    await api.call('POST', '/classify', withKey('three'));
    const other = await api.call('POST', '/classify?top=1', withKey('three'));
    const upload = { headers: { ...JSON_TYPE, 'Idempotency-Key': 'three' }, body: '{"contentType":"image/png"}' };

    expect([other.status, typeOf(other)]).toEqual([422, 'idempotency-key-reused']);
    expect((await api.call('POST', '/uploads', upload)).status).toBe(201);
    const reused = await api.call('POST', '/uploads', { ...upload, body: '{"contentType":"image/gif"}' });
    expect([reused.status, typeOf(reused)]).toEqual([422, 'idempotency-key-reused']);
  });

  test('while the first is under way: 409; afterwards its answer', async () => {
    let open = () => {};
    const classifier = await api.dependencies.classifier();
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = openTestApi({
      modelsDir: folder,
      model: 'sample',
      change: (real) => ({
        classifier: () => held.then(() => classifier),
        bucket: { ...real.bucket, presignPost: (...all) => held.then(() => real.bucket.presignPost(...all)) },
      }),
    });
    const upload = { headers: { ...JSON_TYPE, 'Idempotency-Key': 'four' }, body: '{"contentType":"image/png"}' };
    const firsts = [slow.call('POST', '/classify', withKey('four')), slow.call('POST', '/uploads', upload)];
    await new Promise((resolve) => setTimeout(resolve, 200));

    for (const second of [slow.call('POST', '/classify', withKey('four')), slow.call('POST', '/uploads', upload)]) {
      const answer = await second;
      expect([answer.status, typeOf(answer), answer.headers['retry-after']]).toEqual([409, 'request-in-progress', '1']);
    }
    open();
    const [first] = await Promise.all(firsts);
    expect(await slow.call('POST', '/classify', withKey('four'))).toEqual(first);
    for (const name of slow.seen) seenElsewhere.add(name);
  });

  test('a request that failed may be sent again', async () => {
    const failed = await broken.call('POST', '/classify', withKey('five'));
    const again = await broken.call('POST', '/classify', withKey('five'));

    expect([failed.status, again.status]).toEqual([500, 500]);
  });

  test.each([
    ['nothing', ''],
    ['a space', 'a b'],
    ['a letter beyond ASCII', 'ü'],
    ['256 characters', 'a'.repeat(256)],
  ])('%s: no key', async (_name, key) => {
    const answer = await api.call('POST', '/classify', withKey(key));

    expect(jsonOf(answer)).toMatchObject({ status: 400, parameter: 'Idempotency-Key' });
  });
});

test('the bucket is listed in the order of its keys, with URLs that answer with the right media type', async () => {
  for (const key of ['list/b', 'list/a', 'list/ü \u0001&<.jpg']) await object(key, picture);
  const all: { key: string; id: string; state: string; url: string }[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await api.call('GET', `/images?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    all.push(...jsonOf(page).images);
    cursor = jsonOf(page).cursor;
  }

  const keys = all.map(({ key }) => key);
  expect(keys).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  expect(keys).toEqual(expect.arrayContaining(['list/a', 'list/b', 'list/ü \u0001&<.jpg']));
  const last = all.at(-1);
  expect(last).toMatchObject({ state: 'pending', id: idOfKey('list/ü \u0001&<.jpg') });
  const shown = await fetch(last?.url ?? '');
  expect(shown.headers.get('content-type')).toBe('application/octet-stream');
  expect(shown.headers.get('content-disposition')).toBe('inline');
  expect(Buffer.from(await shown.arrayBuffer()).equals(picture)).toBe(true);
});

test('a model has one name: the list has it, model= takes it, and the answer says it', async () => {
  const { models, default: standard } = jsonOf(await api.call('GET', '/models'));
  const [listed] = models;

  const answer = await api.call('POST', `/classify?model=${listed.name}`, { headers: JPEG, body: picture });

  expect([listed.name, standard, jsonOf(answer).model]).toEqual(['sample', 'sample', 'sample']);
});

test('a package whose folder was renamed answers under neither name', async () => {
  const modelsDir = join(folder, 'renamed');
  await cp(join(folder, 'sample'), join(modelsDir, 'mine'), { recursive: true });
  const renamed = openTestApi({ modelsDir, model: 'mine' });

  const list = await renamed.call('GET', '/models');
  const answer = await renamed.call('POST', '/classify?model=mine', { headers: JPEG, body: picture });

  expect([list.status, answer.status]).toEqual([500, 500]);
  await expect(renamed.dependencies.classifier()).rejects.toThrow(
    'the folder is named mine, but it holds the package sample. Rename the folder back',
  );
});

test('HEAD is answered as GET', async () => {
  const [get, head] = [await api.call('GET', '/models'), await api.call('HEAD', '/models')];

  expect(head.status).toBe(200);
  expect(head.headers).toEqual(get.headers);
});

test('an unknown path is a 404, and a wrong method is a 405 that names the allowed methods', async () => {
  for (const path of ['/', '/nothing', '/images/a/b', '/__proto__', '/constructor']) {
    expect((await api.call('GET', path)).status).toBe(404);
  }
  for (const { path, method } of ROUTE_PATHS) {
    const answer = await api.call('PATCH', path.replace('{id}', 'YQ'));
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toContain(method);
  }
});

test('GET /openapi.yaml is the document itself', async () => {
  const answer = await api.call('GET', '/openapi.yaml');

  expect(answer.body).toBe(await readFile(OPENAPI_FILE, 'utf8'));
});

test('an image is found by its id, and models and health list what exists', async () => {
  const key = await object('one.jpg', picture);

  const image = await api.call('GET', `/images/${idOfKey(key)}`);
  const missing = await api.call('GET', `/images/${idOfKey('none.jpg')}`);
  const models = await api.call('GET', '/models');
  const health = await api.call('GET', '/health?x=1');
  const job = await api.call('GET', '/jobs/none');
  const search = await api.call('GET', '/images?label=daisy&minProbability=0.5');

  expect(jsonOf(image)).toMatchObject({ key, state: 'pending', predictions: [] });
  expect([missing.status, typeOf(missing)]).toEqual([404, 'image-not-found']);
  expect(jsonOf(models).models).toMatchObject([
    { name: 'sample', runs: 'now', precision: 'fp32', license: 'Apache-2.0' },
    { name: 'heavy', runs: 'queued', precision: null, license: null },
  ]);
  expect(jsonOf(models)).toMatchObject({ default: 'sample', auto: true });
  expect(jsonOf(health)).toMatchObject({ status: 'ok', models: ['sample', 'heavy'], auth: null });
  expect([job.status, typeOf(job)]).toEqual([404, 'job-not-found']);
  expect(jsonOf(search)).toEqual({ images: [], cursor: null });
});

test('routes are those of the document, and every answer that is ours was seen', () => {
  const routes = ROUTE_PATHS.map(({ method, path }) => `${method} ${path}`);
  const documented = [...new Set(DOCUMENTED.map((name) => name.replace(/ \d+$/, '')))];
  expect([...routes].sort()).toEqual([...documented].sort());
  // API Gateway's own, and what these four cannot come to.
  const notOurs = / (401|403|429)$|^GET .* 503$|^POST \/uploads 503$|^GET \/(health|openapi\.yaml) 500$/;
  const seen = new Set([...api.seen, ...broken.seen, ...loading.seen, ...seenElsewhere]);
  expect(DOCUMENTED.filter((name) => !notOurs.test(name) && !seen.has(name))).toEqual([]);
});
