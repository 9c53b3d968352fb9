import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { toDone, toJob, toRunning } from '../../functions/records/job.ts';
import { openJobStore } from '../../functions/records/job-store.ts';
import { parseHeavyRequest } from '../../functions/routing/heavy-message.ts';
import { type Closers, closeAll } from '../../local/closers.ts';
import { TABLE } from '../../local/names.ts';
import { requeue } from '../../local/requeue.ts';
import { heavyQueueUrl, type Services, startServices } from '../../local/services.ts';
import { JOB_RESULT } from '../functions/records/valid-job.ts';

let dataDir: string;
let services: Services;
const closers: Closers = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-requeue-'));
  services = await startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport: () => {} }, closers);
});

afterAll(async () => {
  await closeAll(closers);
  await rm(dataDir, { recursive: true, force: true });
});

test('unanswered jobs are queued again if there is a heavy model; answered and expired jobs are not', async () => {
  const jobs = openJobStore(DynamoDBDocumentClient.from(services.dynamodb.client), TABLE);
  const now = new Date();
  const job = (id: string, at = now) =>
    toJob(
      {
        id,
        model: 'big',
        top: 5,
        explain: true,
        source: { bucket: 'b', key: `jobs/${id}`, versionId: null, eTag: 'e' },
      },
      at,
    );
  await jobs.create(job('queued'));
  await jobs.create(toRunning(job('running'), now));
  await jobs.create(toDone(job('done'), JOB_RESULT, now));
  await jobs.create(job('old', new Date(now.getTime() - 2 * 86_400_000)));

  expect(await requeue(services, { indexThreshold: 0.1, hasHeavyModel: false })).toBe(0);
  expect(await requeue(services, { indexThreshold: 0.1, hasHeavyModel: true })).toBe(2);
  const { Messages = [] } = await services.messaging.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: heavyQueueUrl(services.messaging), MaxNumberOfMessages: 10 }),
  );
  const requests = Messages.map(({ Body = '' }) => parseHeavyRequest(Body));
  expect(requests.map(({ jobId, model, explain }) => [jobId, model, explain]).sort()).toEqual([
    ['queued', 'big', true],
    ['running', 'big', true],
  ]);
});
