import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import sharp from 'sharp';
import * as z from 'zod';
import { openClassifier } from '../../classifier/classifier.ts';
import type { ImageRecord } from '../../functions/records/record.ts';
import { openRecordStore, type RecordStore } from '../../functions/records/store.ts';
import { localDynamoDb } from '../../local/clients.ts';
import type { FunctionReport } from '../../local/function-log.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { convertCheckpoint } from '../../models/convert.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { BUCKET, eventually, labelledTags, samplePicture, tagsOf, upload, userS3 } from './uploads.ts';

const HEAVY = 'sample.heavy';

const jobSchema = z.looseObject({
  state: z.string(),
  result: z.looseObject({ explanation: z.unknown() }).nullable(),
});
const WITHIN_MS = 30_000;

let folder: string;
let stack: Stack;
let s3: S3Client;
let records: RecordStore;
let closeClients: () => void;
const reports: FunctionReport[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-heavy-stack-'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  stack = await startStack({
    dataDir: join(folder, 'data'),
    packageDir,
    heavyPackageDir: packageDir,
    furtherHeavyPackageDirs: [packageDir, await anotherPackage()],
    port: 0,
    variables: {
      ...process.env,
      AUTOSWIFTNET_MODEL_RULES: JSON.stringify({ 'auto/': 'auto', 'heavy/': HEAVY, 'further/': 'further' }),
    },
    onReport: (report) => reports.push(report),
  });
  s3 = userS3(stack.health.endpoints.s3 ?? '');
  const table = localDynamoDb(stack.health.endpoints.dynamodb ?? '');
  records = openRecordStore(DynamoDBDocumentClient.from(table), stack.health.table);
  closeClients = () => {
    s3.destroy();
    table.destroy();
  };
});

afterAll(async () => {
  closeClients?.();
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The sample model's weights under another name. */
async function anotherPackage(): Promise<string> {
  const out = join(folder, 'models/further');
  await convertCheckpoint({
    checkpoint: fileURLToPath(new URL('../../models/sample/sample.pth', import.meta.url)),
    out,
  });
  return out;
}

function recordWhen(key: string, isWanted: (record: ImageRecord) => boolean): Promise<ImageRecord | null> {
  return eventually(
    () => records.readRecord({ bucket: BUCKET, key }),
    (record) => record !== null && isWanted(record),
    WITHIN_MS,
  );
}

test('the stack says which models answer', async () => {
  expect(stack.health.models).toEqual(['sample', HEAVY, 'further']);
});

test('a further heavy model answers an upload under its prefix', async () => {
  await upload(s3, 'further/daisy.jpg', await samplePicture('daisy-1'));

  const record = await recordWhen('further/daisy.jpg', ({ state }) => state === 'tagged');
  expect(record).toMatchObject({ model: 'further', stage: 1 });
});

test('only the heavy model answers an upload under its prefix', async () => {
  await upload(s3, 'heavy/daisy.jpg', await samplePicture('daisy-1'));

  expect(await recordWhen('heavy/daisy.jpg', ({ state }) => state === 'tagged')).toMatchObject({
    model: HEAVY,
    stage: 1,
    escalatedTo: null,
  });
  expect(await labelledTags(s3, 'heavy/daisy.jpg', 'daisy')).toMatchObject({ 'autoswiftnet:model': HEAVY });
});

test('the metadata of an object can request its model', async () => {
  await upload(s3, 'pizza.jpg', await samplePicture('pizza-1'), { Metadata: { 'autoswiftnet-model': HEAVY } });

  expect(await recordWhen('pizza.jpg', ({ state }) => state === 'tagged')).toMatchObject({ model: HEAVY, stage: 1 });
});

test('exactly the unsure images go to the heavy model, and its answers end in their records', async () => {
  const drawn = ['daisy-1', 'pizza-1', 'banana-1', 'maze-1', 'lemon-1', 'acorn-1', 'goldfish-1', 'volcano-1'];
  const pictures = new Map<string, Buffer>();
  for (const name of drawn) pictures.set(`auto/${name}.jpg`, await samplePicture(name));
  for (let index = 0; index < 8; index += 1) pictures.set(`auto/nothing-${index}.png`, await pictureOfNothing(index));
  await Promise.all([...pictures].map(([key, bytes]) => upload(s3, key, bytes)));

  const ended: ImageRecord[] = [];
  for (const key of pictures.keys()) {
    const record = await recordWhen(key, ({ escalatedTo, state }) => state === 'tagged' && escalatedTo === null);
    if (record !== null) ended.push(record);
  }

  // Both models are the same package, so the final probabilities are those on which the decision
  // was based.
  const unsure = (record: ImageRecord) => (record.predictions[0]?.probability ?? 0) < 0.5;
  expect(ended).toHaveLength(pictures.size);
  expect(ended.filter(unsure).length).toBeGreaterThan(0);
  expect(ended.filter((record) => !unsure(record)).length).toBeGreaterThan(0);
  expect(ended.map(({ key, stage, model }) => [key, stage, model])).toEqual(
    ended.map((record) => [record.key, unsure(record) ? 1 : 0, unsure(record) ? HEAVY : 'sample']),
  );
  for (const { key, model } of ended) expect(await tagsOf(s3, key)).toMatchObject({ 'autoswiftnet:model': model });
});

test('a request to the heavy model becomes a job, with the same answer as the library gives', async () => {
  const picture = await samplePicture('daisy-1');
  const asked = await fetch(`${stack.url}/classify?model=${HEAVY}&top=3&explain=true`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body: new Uint8Array(picture),
  });
  expect([asked.status, asked.headers.get('location')]).toEqual([202, expect.stringMatching(/^\/jobs\//)]);

  const job = await eventually(
    async () => jobSchema.parse(await (await fetch(`${stack.url}${asked.headers.get('location')}`)).json()),
    ({ state }) => state === 'done',
    WITHIN_MS,
  );
  const classifier = await openClassifier(join(folder, 'models', 'sample'));
  const [own] = await classifier.classify([picture], { top: 3 });
  await classifier.close();
  if (own === undefined || 'error' in own) throw new TypeError('expected an answer');
  expect(job).toMatchObject({
    state: 'done',
    model: HEAVY,
    result: { predictions: own.predictions, image: own.image },
  });
  expect(job.result?.explanation).toMatchObject({ label: 'daisy', overlay: { contentType: 'image/png' } });
});

test('with model=auto, an unsure answer comes at once, together with the job of the heavy model', async () => {
  const picture = await pictureOfNothing(1);
  const answered = await fetch(`${stack.url}/classify?model=auto`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: new Uint8Array(picture),
  });
  const { escalated } = z
    .object({ escalated: z.object({ model: z.string(), job: z.string() }) })
    .parse(await answered.json());

  expect([answered.status, escalated.model]).toEqual([200, HEAVY]);
  const job = await eventually(
    async () => jobSchema.parse(await (await fetch(`${stack.url}${escalated.job}`)).json()),
    ({ state }) => state === 'done',
    WITHIN_MS,
  );
  expect(job).toMatchObject({ state: 'done', model: HEAVY });
});

test('no error was reported', () => {
  expect(reports.filter(({ kind }) => kind === 'fault' || kind === 'failed')).toEqual([]);
});

/** Draws soft grey spots, which the sample model has never seen. */
function pictureOfNothing(seed: number): Promise<Buffer> {
  return sharp({
    create: {
      width: 256,
      height: 256,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 100 + seed * 10, sigma: 4 + seed * 6 },
    },
  })
    .png()
    .toBuffer();
}
