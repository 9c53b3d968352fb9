import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { KEY, requests } from './made-requests.ts';
import { BUCKET, openTestApi, openTestServices, type TestApi, type TestServices } from './test-api.ts';

const SEED = 20_261_125;
const REQUESTS = 2000;
/** Far more than any of these takes; a hang is an answer that never comes. */
const HANG_MS = 10_000;

let folder: string;
let services: TestServices;
let api: TestApi;
let picture: Buffer;
const statuses = new Map<number, number>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-fuzz-'));
  services = await openTestServices();
  await ensureSamplePackage(folder);
  picture = await samplePicture('lemon-1');
  await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: picture }));
  const variables = {
    AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
    AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/heavy',
  };
  api = openTestApi({ modelsDir: folder, model: 'sample', variables, change: () => ({ askHeavy: async () => {} }) });
  await api.dependencies.classifier();
});

afterAll(async () => {
  await services?.close();
  await rm(folder, { recursive: true, force: true });
});

async function inTime<Answer>(answering: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${HANG_MS} ms`)), HANG_MS);
  });
  return Promise.race([answering, hang]).finally(() => clearTimeout(timer));
}

test('every request to any route is answered as the contract says, and never with a 5xx', async () => {
  const run = fc.asyncProperty(requests(picture), async ({ method, target, call }) => {
    const { status } = await inTime(api.call(method, target, call));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    expect(status).toBeLessThan(500);
  });
  await fc.assert(run, { seed: SEED, numRuns: REQUESTS });

  // It reaches what it is meant to reach.
  for (const status of [200, 201, 202, 400, 404, 405, 413, 415, 422])
    expect([status, statuses.get(status)]).not.toContain(undefined);
}, 300_000);
