import { once } from 'node:events';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { StoredRecordError } from '../../../functions/records/errors.ts';
import {
  JOB_LIFETIME_SECONDS,
  type Job,
  replaceableBy,
  toDone,
  toRefused,
  toRunning,
} from '../../../functions/records/job.ts';
import { type JobStore, jobPartition, openJobStore } from '../../../functions/records/job-store.ts';
import { createTableInput } from '../../../functions/records/table-schema.ts';
import type { JobState } from '../../../functions/wire.ts';
import { EXPLANATION, JOB_RESULT, JOB_TIME, validJob } from './valid-job.ts';

const TABLE = 'autoswiftnet';
const STATES: readonly JobState[] = ['queued', 'running', 'done', 'rejected', 'failed'];
const server = dynalite({ createTableMs: 0 });
let client: DynamoDBDocumentClient;
let store: JobStore;
let now = JOB_TIME;
let ids = 0;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('dynalite has no port');
  const database = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await database.send(new CreateTableCommand(createTableInput(TABLE)));
  client = DynamoDBDocumentClient.from(database);
  store = openJobStore(client, TABLE, () => now);
});

afterEach(() => {
  now = JOB_TIME;
});

afterAll(async () => {
  client?.destroy();
  await new Promise((resolve) => server.close(resolve));
});

function newJob(): Job {
  ids += 1;
  return validJob({ id: `job-${ids}` });
}

function inState(job: Job, state: JobState): Job {
  if (state === 'queued') return job;
  if (state === 'running') return toRunning(job, JOB_TIME);
  if (state === 'done') return toDone(job, JOB_RESULT, JOB_TIME);
  return toRefused(job, state, { code: 'reason', message: state }, JOB_TIME);
}

test('a job comes back as it was written, without its keys', async () => {
  const job = toDone(newJob(), { ...JOB_RESULT, explanation: EXPLANATION }, JOB_TIME);

  expect(await store.create(job)).toBe(true);
  expect(await store.read(job.id)).toEqual(job);
});

test('a job is created once', async () => {
  const job = newJob();
  await store.create(job);

  expect(await store.create({ ...job, model: 'another' })).toBe(false);
  expect(await store.read(job.id)).toEqual(job);
});

test('a job that has expired gives its id to a new one, although the table still has it', async () => {
  const job = newJob();
  await store.create(toRefused(job, 'failed', { code: 'reason', message: 'old' }, JOB_TIME));
  const expired = JOB_TIME.getTime() + JOB_LIFETIME_SECONDS * 1000;
  const fresh = { ...job, expiresAt: job.expiresAt + JOB_LIFETIME_SECONDS };

  now = new Date(expired - 1);
  expect(await store.create(fresh)).toBe(false);
  now = new Date(expired);
  expect(await store.create(fresh)).toBe(true);
  expect(await store.read(job.id)).toEqual(fresh);
});

test('a job that is not there, or not any more, is null, and is not written', async () => {
  const job = newJob();

  expect(await store.read(job.id)).toBeNull();
  expect(await store.write(toDone(job, JOB_RESULT, JOB_TIME))).toBe(false);
  await store.create(job);
  now = new Date(JOB_TIME.getTime() + JOB_LIFETIME_SECONDS * 1000);
  expect(await store.read(job.id)).toBeNull();
});

test.each(STATES.flatMap((stored) => STATES.map((state) => [state, stored] as const)))(
  'the table lets %s take the place of %s as the pure function says',
  async (state, stored) => {
    const job = newJob();
    await store.create(inState(job, stored));
    const written = await store.write(inState({ ...job, model: 'new' }, state));

    expect(written).toBe(replaceableBy(state).includes(stored));
    expect(await store.read(job.id)).toMatchObject(written ? { state, model: 'new' } : { state: stored });
  },
);

test('a final state never changes, whatever is written after it', async () => {
  for (const final of ['done', 'rejected'] as const) {
    const job = newJob();
    await store.create(inState(job, final));
    for (const state of STATES) expect(await store.write(inState({ ...job, model: 'new' }, state))).toBe(false);

    expect(await store.read(job.id)).toEqual(inState(job, final));
  }
});

test('an item of another make is a named error', async () => {
  const { id } = newJob();
  await client.send(new PutCommand({ TableName: TABLE, Item: { pk: jobPartition(id), sk: 'JOB', state: 'new' } }));

  await expect(store.read(id)).rejects.toThrow(StoredRecordError);
});
