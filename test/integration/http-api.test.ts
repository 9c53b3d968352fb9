import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import sharp from 'sharp';
import { openClassifier } from '../../classifier/index.ts';
import { idOfKey } from '../../functions/api/parameters.ts';
import { rowChanges } from '../../functions/records/labels.ts';
import { openRecordStore } from '../../functions/records/store.ts';
import type { Concept, Image } from '../../functions/wire.ts';
import { localDynamoDb } from '../../local/clients.ts';
import { TABLE } from '../../local/names.ts';
import type { Stack } from '../../local/stack.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { jsonLines, runCli } from '../cli/run-cli.ts';
import { type ApiAnswer, checkContract } from '../functions/api/contract.ts';
import { validRecord } from '../functions/records/valid-record.ts';
import { startPublishedStack } from './published-stack.ts';
import { BUCKET, eventually, samplePicture, upload, userS3 } from './uploads.ts';

const START_TIMEOUT_MS = 90_000;

let folder: string;
let packageDir: string;
let stack: Stack;
let s3: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-api-'));
  packageDir = await ensureSamplePackage(join(folder, 'models'));
  stack = await startPublishedStack({ dataDir: join(folder, 'data'), packageDir, port: 0 });
  s3 = userS3(stack.health.endpoints.s3 ?? '');
}, START_TIMEOUT_MS);

afterAll(async () => {
  s3?.destroy();
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sends a request over HTTP and checks the answer against the contract. */
async function call(
  method: string,
  target: string,
  init: RequestInit = {},
): Promise<ApiAnswer & { json(): ReturnType<typeof JSON.parse> }> {
  const response = await fetch(`${stack.url}${target}`, { method, ...init });
  const answer = {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
  checkContract(method, new URL(target, stack.url).pathname, answer);
  return { ...answer, json: () => JSON.parse(answer.body) };
}

const image = (bytes: Uint8Array) => ({ body: new Uint8Array(bytes), headers: { 'content-type': 'image/jpeg' } });
const keysOf = (answer: { json(): { images: { key: string }[] } }) => answer.json().images.map(({ key }) => key);

test('any client gets the same answer as the library gives', async () => {
  const bytes = await samplePicture('pizza-2');
  const classifier = await openClassifier(packageDir);
  const [entry] = await classifier.classify([bytes], { top: 3 });
  await classifier.close();

  const answer = await call('POST', '/classify?top=3', image(bytes));

  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  if (entry === undefined || 'error' in entry) throw new TypeError('expected an answer');
  expect(answer.json()).toMatchObject({ model: 'sample', predictions: entry.predictions, image: entry.image });
});

test('many requests at once are all answered, each about its own image', async () => {
  const names = ['daisy', 'pizza', 'banana', 'maze', 'lemon', 'acorn', 'goldfish', 'volcano'];

  const answers = await Promise.all(
    Array.from({ length: 32 }, async (_, index) => {
      const name = names[index % names.length];
      const answer = await call('POST', '/classify?top=1', image(await samplePicture(`${name}-1`)));
      return [answer.status, name, answer.json().predictions[0].label];
    }),
  );

  expect(answers).toEqual(answers.map(([, name]) => [200, name, name]));
});

test('an image that is uploaded with the form of POST /uploads is tagged, found by its label, shown, and gone after its deletion', async () => {
  const made = await call('POST', '/uploads', {
    body: '{"contentType":"image/jpeg"}',
    headers: { 'content-type': 'application/json' },
  });
  const { id, key, url, fields }: { id: string; key: string; url: string; fields: Record<string, string> } =
    made.json();
  const picture = await samplePicture('strawberry-1');
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(picture)]), 'x.jpg');
  const posted = await fetch(url, { method: 'POST', body: form, headers: { origin: stack.url } });
  expect(posted.status).toBe(204);

  const found = await eventually(
    () => call('GET', '/images?label=strawberry&minProbability=0.3'),
    (answer) => keysOf(answer).includes(key),
  );
  const one = (await call('GET', made.headers['location'] ?? '')).json();
  expect(found.json().images[0]).toMatchObject({ id, key, state: 'tagged', match: { label: 'strawberry', rank: 1 } });
  expect(one).toMatchObject({ id, key, state: 'tagged', format: 'jpeg', size: picture.length });
  const shown = await fetch(one.url);
  expect(shown.headers.get('content-type')).toBe('image/jpeg');
  expect(Buffer.from(await shown.arrayBuffer()).equals(picture)).toBe(true);

  await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
  const gone = await eventually(
    () => call('GET', '/images?label=strawberry'),
    (answer) => !keysOf(answer).includes(key),
  );
  expect(keysOf(gone)).not.toContain(key);
  expect((await call('GET', `/images/${id}`)).status).toBe(404);
});

test('an object in the bucket is classified, whatever its key', async () => {
  const key = '../ü +%/a b.jpg';
  await upload(s3, key, await samplePicture('padlock-1'));

  const answer = await call('POST', '/classify', {
    body: JSON.stringify({ key }),
    headers: { 'content-type': 'application/json' },
  });

  expect(answer.json().predictions[0].label).toBe('padlock');
  expect((await call('GET', `/images/${idOfKey(key)}`)).json()).toMatchObject({ key });
});

test('API Gateway refuses more than 10 MB, and the function more than 4.4 MB, each in its own words', async () => {
  const huge = await call('POST', '/classify', image(Buffer.alloc(10 * 1024 * 1024 + 1)));
  const large = await call('POST', '/classify', image(Buffer.alloc(4_400_001)));

  expect([huge.status, huge.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
  expect([large.status, large.json().type]).toEqual([413, 'urn:autoswiftnet:problem:image-too-large']);
});

test('classify --url uploads what does not fit into a request, and gets the answer for it', async () => {
  const file = join(folder, 'large.tiff');
  const { size } = await sharp(await samplePicture('acorn-1'))
    .resize(1600, 1440)
    .tiff({ compression: 'none' })
    .toFile(file);

  const { code, out, err } = await runCli(['classify', '--json', '--url', stack.url, file], { cwd: folder });

  expect(size).toBeGreaterThan(4_400_000);
  expect(code).toBe(0);
  const [key = ''] = /uploads\/[0-9a-f-]+\.tiff/.exec(err) ?? [];
  expect(err).toBe(`${file}: 6.9 MB do not fit into a request; uploading it to the bucket as ${key}\n`);
  expect(jsonLines(out)).toMatchObject([
    {
      file,
      model: 'sample',
      predictions: [{ label: 'acorn' }, {}, {}, {}, {}],
      image: { format: 'tiff', bytes: size },
    },
  ]);
  expect((await call('GET', `/images/${idOfKey(key)}`)).json()).toMatchObject({ key });
});

test('health, the list of models, the contract, and an unknown path are answered', async () => {
  expect((await call('GET', '/health')).json()).toMatchObject({ status: 'ok', auth: null });
  expect((await call('GET', '/models')).json().models).toMatchObject([
    { name: 'sample', runs: 'now', license: 'Apache-2.0' },
  ]);
  expect((await call('GET', '/openapi.yaml')).body).toMatch(/^openapi: 3\.1/);
  expect((await call('POST', '/nothing')).status).toBe(404);
  expect((await call('DELETE', '/images')).status).toBe(405);
  expect((await call('POST', '/classify', { headers: { origin: 'https://example.com' } })).status).toBe(403);
});

test('a dog is found by whatever people call it, and a broader word finds more', async () => {
  const table = DynamoDBDocumentClient.from(localDynamoDb(stack.health.endpoints.dynamodb ?? ''));
  const records = openRecordStore(table, TABLE);
  const put = async (key: string, label: string, wnid: string, probability: number, concept: Concept) => {
    const predictions = [{ rank: 1, label, wnid, index: 0, probability }];
    const entry = validRecord({ bucket: BUCKET, key, predictions, concepts: [concept] });
    await records.write(entry, { kind: 'unchanged', seen: null });
    await records.changeRows(entry, rowChanges(entry, []));
  };
  const dog = (probability: number) => ({ id: 'n02084071', label: 'dog', probability });
  // Twelve breeds at 8% each: no label is probable enough to be found, but it is a dog.
  await put('dogs/some-dog.jpg', 'whippet', 'n02091134', 0.08, dog(0.97));
  await put('dogs/collie.jpg', 'collie', 'n02106030', 0.6, dog(0.9));
  await put('dogs/dingo.jpg', 'dingo', 'n02115641', 0.7, { id: 'n02115641', label: 'dingo', probability: 0.7 });
  await put('dogs/wolf.jpg', 'timber wolf', 'n02114367', 0.4, { id: 'n02114100', label: 'wolf', probability: 0.5 });

  const searches = ['dog', 'Dog', 'domestic dog', 'Canis familiaris', 'n02084071'].map((text) =>
    call('GET', `/images?label=${encodeURIComponent(text)}`),
  );
  const found = (await Promise.all(searches)).map(keysOf);
  const canine = await call('GET', '/images?label=Canine');
  const tooBroad = await call('GET', '/images?label=entity');

  expect(found).toEqual(found.map(() => ['dogs/some-dog.jpg', 'dogs/collie.jpg']));
  expect(canine.json().images.map(({ key, match }: Image) => [key, match])).toEqual([
    ['dogs/some-dog.jpg', { label: 'dog', rank: null, probability: 0.97 }],
    ['dogs/collie.jpg', { label: 'dog', rank: null, probability: 0.9 }],
    ['dogs/dingo.jpg', { label: 'dingo', rank: 1, probability: 0.7 }],
    ['dogs/wolf.jpg', { label: 'wolf', rank: null, probability: 0.5 }],
  ]);
  expect(tooBroad.json()).toMatchObject({
    status: 400,
    parameter: 'label',
    detail: expect.stringContaining('narrower'),
  });
  table.destroy();
});
