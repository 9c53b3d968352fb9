import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { openImageBucket } from '../../../functions/api/bucket.ts';
import { getImage, type ImagesDependencies, listImages } from '../../../functions/api/images.ts';
import { idOfKey } from '../../../functions/api/parameters.ts';
import { readRequest } from '../../../functions/api/request.ts';
import type { ApiResponse } from '../../../functions/api/response.ts';
import { listNewest } from '../../../functions/records/newest.ts';
import { readRecords } from '../../../functions/records/read-records.ts';
import { searchByLabel } from '../../../functions/records/search.ts';
import { openRecordStore } from '../../../functions/records/store.ts';
import { UNLIMITED } from '../../../functions/side-by-side/memory.ts';
import { handleMessage } from '../../../functions/tag-upload/message.ts';
import { openObjectStore } from '../../../functions/tagging/objects.ts';
import type { TagImageDependencies } from '../../../functions/tagging/tag-image.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import type { S3EventRecord } from '../../../local/s3/events.ts';
import { startTestServer, type TestServer } from '../../local/s3/local-server.ts';
import { openTestTable, TABLE, type TestTable } from '../records/test-table.ts';
import { wordAnswerer } from '../tagging/word-classifier.ts';
import { smallVocabulary } from '../vocabulary/small-vocabulary.ts';

/** What is done to an object: a text is put (its words are its labels), or it is deleted. */
type Act = string | 'delete';

interface Scenario {
  readonly acts: readonly Act[];
  /** Acts whose event comes twice. */
  readonly duplicates?: readonly number[];
  /** The labels that the image has in the end; null: it is not there. */
  readonly end: readonly string[] | null;
}

const BUCKET = 'bucket';
/** What a search finds, by the labels of the images that it must find. */
const SEARCHES = {
  Lion: ['lion'],
  cub: ['cub'],
  bear: ['bear'],
  trout: ['trout'],
  'big cat': ['lion', 'cub'],
  n02127808: ['lion', 'cub'],
  FISH: ['trout'],
  beast: ['lion', 'cub', 'bear'],
};
const VOCABULARY = smallVocabulary(
  [
    ['thing', 'thing', [], []],
    ['beast', 'beast', [], ['thing']],
    ['n02127808', 'big cat', [], ['beast']],
    ['n02512053', 'fish', [], ['thing']],
    ['lion', 'lion', [], ['n02127808']],
    ['cub', 'cub', [], ['n02127808']],
    ['bear', 'bear', [], ['beast']],
    ['trout', 'trout', [], ['n02512053']],
  ],
  ['lion', 'cub', 'bear', 'trout'],
);

/** Each is three events. */
const scenarios: Record<string, Scenario> = {
  'three contents': { acts: ['lion cub', 'bear', 'trout'], end: ['trout'] },
  'the same label stays in another rank': { acts: ['lion cub', 'cub lion', 'cub'], end: ['cub'] },
  'other content, then deleted': { acts: ['lion cub', 'bear', 'delete'], end: null },
  'deleted and uploaded again': { acts: ['lion cub', 'delete', 'bear'], end: ['bear'] },
  'the older event twice': { acts: ['lion cub', 'bear'], duplicates: [0], end: ['bear'] },
  'the newer event twice': { acts: ['lion cub', 'bear'], duplicates: [1], end: ['bear'] },
  'a deletion twice': { acts: ['lion cub', 'delete'], duplicates: [1], end: null },
  'an upload twice, then deleted': { acts: ['lion cub', 'delete'], duplicates: [0], end: null },
  'other content that is no image': { acts: ['lion cub', 'bear', 'bad noise'], end: [] },
};

let server: TestServer;
let table: TestTable;
let tagging: TagImageDependencies;
let images: ImagesDependencies;
let keys = 0;

beforeAll(async () => {
  [server, table] = await Promise.all([startTestServer(), openTestTable()]);
  const records = openRecordStore(table.client, TABLE);
  tagging = {
    objects: openObjectStore(server.client),
    thumbnails: { remove: async () => {} },
    records,
    publish: async () => {},
    answerer: wordAnswerer,
    askHeavy: null,
    memory: UNLIMITED,
    maxImageBytes: 1000,
    now: () => new Date(),
    tags: { labels: 1, threshold: 0.1, concept: false },
    indexThreshold: 0,
  };
  images = {
    bucketName: BUCKET,
    bucket: openImageBucket(server.client, BUCKET, () => new Date()),
    records,
    readRecords: (some) =>
      readRecords(
        table.client,
        TABLE,
        some.map((key) => ({ bucket: BUCKET, key })),
      ),
    search: (search) => searchByLabel(table.client, TABLE, { ...search, bucket: BUCKET }),
    newest: (page) => listNewest(table.client, TABLE, { ...page, bucket: BUCKET }),
    vocabularies: async () => [VOCABULARY],
  };
});

afterAll(async () => {
  await Promise.all([server?.close(), table?.close()]);
});

/** Every order, those that look the same once. */
function orders(all: readonly number[]): string[] {
  if (all.length <= 1) return [all.join()];
  const some = all.flatMap((one, index) => orders(all.toSpliced(index, 1)).map((rest) => `${one}, ${rest}`));
  return [...new Set(some)];
}

/** Does the acts, and returns their events. */
async function perform(key: string, acts: readonly Act[]): Promise<S3EventRecord[]> {
  for (const act of acts) {
    const target = { Bucket: BUCKET, Key: key };
    await server.client.send(
      act === 'delete' ? new DeleteObjectCommand(target) : new PutObjectCommand({ ...target, Body: act }),
    );
  }
  return server.events.filter(({ s3 }) => s3.object.key === key);
}

async function deliver(event: S3EventRecord): Promise<void> {
  const message = { body: JSON.stringify({ Records: [event] }), attributes: { ApproximateReceiveCount: '1' } };
  await handleMessage(message, tagging, { onOutcome() {}, onFailure() {} });
}

function get(target: string, id?: string) {
  const request = { method: 'GET', url: target, httpVersion: '1.1', rawHeaders: [], sourceIp: '', port: 1 };
  const event = toHttpEvent(request, new Uint8Array(), new Date());
  return readRequest(id === undefined ? event : { ...event, pathParameters: { id } });
}

function shown({ body = '' }: ApiResponse, key: string) {
  const { images: found }: { images: { key: string; state: string; predictions: { label: string }[] }[] } =
    JSON.parse(body);
  return found
    .filter((image) => image.key === key)
    .map(({ state, predictions }) => [state, ...predictions.map(({ label }) => label)]);
}

const cases = Object.entries(scenarios).flatMap(([name, scenario]) =>
  orders([...scenario.acts.keys(), ...(scenario.duplicates ?? [])]).map((order) => ({ name, order, scenario })),
);

test.each(cases)(
  '$name, events in the order $order: what is found is the newest state',
  async ({ order, scenario }) => {
    keys += 1;
    const key = `image-${keys}`;
    const events = await perform(key, scenario.acts);

    for (const index of order.split(', ')) await deliver(events[Number(index)] as S3EventRecord);

    const { end } = scenario;
    const state = end === null ? [] : end.length === 0 ? [['rejected']] : [['tagged', ...end]];
    for (const [text, labels] of Object.entries(SEARCHES)) {
      const found = await listImages(get(`/images?label=${encodeURIComponent(text)}&limit=100`), images);
      const isFound = labels.some((label) => end?.includes(label));
      expect([text, ...shown(found, key)]).toEqual([text, ...(isFound ? state : [])]);
    }
    expect(shown(await listImages(get('/images?limit=100'), images), key)).toEqual(state);
    expect(shown(await listImages(get('/images?order=newest&limit=100'), images), key)).toEqual(state);
    const one = getImage(get(`/images/${idOfKey(key)}`, idOfKey(key)), images);
    if (end === null) await expect(one).rejects.toMatchObject({ code: 'image-not-found' });
    else expect(JSON.parse((await one).body ?? '')).toMatchObject({ key, state: state[0]?.[0] });
  },
);

test('between an upload and its event the image is pending, whatever it was before', async () => {
  const [first] = await perform('waiting', ['lion cub']);
  await deliver(first as S3EventRecord);
  await perform('waiting', ['bear']);

  expect(shown(await listImages(get('/images?limit=100'), images), 'waiting')).toEqual([['pending']]);
  const { body = '' } = await getImage(get('/images/x', idOfKey('waiting')), images);
  expect(JSON.parse(body)).toMatchObject({ state: 'pending', predictions: [], size: null });
});
