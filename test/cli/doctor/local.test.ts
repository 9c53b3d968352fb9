import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { ListSubscriptionsCommand } from '@aws-sdk/client-sns';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { closeDeployment, type Deployment } from '../../../cli/deployment/deployment.ts';
import { openLocalDeployment } from '../../../cli/deployment/local-deployment.ts';
import { recordsOf } from '../../../cli/deployment/records-of.ts';
import { openApi } from '../../../cli/doctor/api.ts';
import type { Check } from '../../../cli/doctor/check.ts';
import { apiHealth } from '../../../cli/doctor/checks/api-health.ts';
import { bucketEvents } from '../../../cli/doctor/checks/bucket-events.ts';
import { classify } from '../../../cli/doctor/checks/classify.ts';
import { deadLetters } from '../../../cli/doctor/checks/dead-letters.ts';
import { newest } from '../../../cli/doctor/checks/newest.ts';
import { record } from '../../../cli/doctor/checks/record.ts';
import { removal } from '../../../cli/doctor/checks/removal.ts';
import { resultsTopic } from '../../../cli/doctor/checks/results-topic.ts';
import { workQueues } from '../../../cli/doctor/checks/work-queues.ts';
import { examine } from '../../../cli/doctor/examine.ts';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { runCheck } from '../../../cli/doctor/run-check.ts';
import { openTrial, type Trial } from '../../../cli/doctor/trial.ts';
import { listen } from '../../../local/listen.ts';
import { SERVICE_BUCKET, topicArn } from '../../../local/names.ts';
import type { Stack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { startPublishedStack } from '../../integration/published-stack.ts';
import { failedRecord } from '../failed-record.ts';
import { runCli } from '../run-cli.ts';

let folder: string;
let stack: Stack;
let deployment: Deployment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-doctor-'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  stack = await startPublishedStack({
    dataDir: join(folder, 'data'),
    packageDir,
    port: 0,
    instances: 1,
    apiInstances: 1,
  });
  deployment = await openLocalDeployment(new URL(stack.url));
});

afterAll(async () => {
  closeDeployment(deployment);
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

function doctor(...args: string[]) {
  return runCli(['doctor', '--url', stack.url, ...args], { cwd: folder });
}

async function look(check: Check, changed: Partial<Deployment> = {}, trial: Partial<Trial> = {}) {
  const target = { ...deployment, ...changed };
  return runCheck(check, {
    deployment: target,
    api: openApi(target.apiUrl, undefined),
    trial: { ...(await openTrial()), ...trial },
    heavy: false,
    signal: AbortSignal.timeout(2_000),
  });
}

function troubles(findings: readonly Finding[]) {
  return findings.filter(({ state }) => state !== 'sound');
}

/** What the doctor would leave behind. */
async function leftovers(): Promise<unknown[]> {
  const { s3, sqs, sns } = deployment.clients;
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: deployment.bucket }),
  );
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'autoswiftnet-doctor' }));
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
  return [...Versions, ...DeleteMarkers, ...QueueUrls, ...Subscriptions];
}

test('a local stack that works is sound: the picture goes all the way, and nothing of it stays', async () => {
  const { code, out, err } = await doctor('--json');

  const { isSound, checks } = JSON.parse(out);
  expect({ code, err, isSound }).toEqual({ code: 0, err: '', isSound: true });
  const states = Object.fromEntries(checks.map(({ check, state }: { check: string; state: string }) => [check, state]));
  expect(states).toEqual({
    'api-health': 'sound',
    'bucket-events': 'sound',
    'work-queues': 'sound',
    classify: 'sound',
    'results-topic': 'sound',
    upload: 'sound',
    record: 'sound',
    tags: 'sound',
    search: 'sound',
    newest: 'sound',
    result: 'sound',
    'heavy-model': 'skipped',
    'dead-letters': 'sound',
    removal: 'sound',
  });
  expect(await leftovers()).toEqual([]);
});

test('an interruption right after the upload ends the checks, and what was made is removed', async () => {
  const interruption = new AbortController();
  const lines = await examine(deployment, {
    ...{ api: openApi(deployment.apiUrl, undefined), seconds: 60, heavy: false, interrupted: interruption.signal },
    onLine({ check, state }) {
      if (check === 'upload' && state === 'sound') interruption.abort();
    },
  });

  const after = lines.slice(lines.findIndex(({ check }) => check === 'upload') + 1);
  const [rest, removed] = [after.filter(({ check }) => check !== 'removal'), after.slice(-3)];
  expect(rest.every((line) => line.state === 'skipped' && line.because === 'it was interrupted')).toBe(true);
  expect(removed.map(({ check, state }) => `${check} ${state}`)).toEqual(Array(3).fill('removal sound'));
  expect(await leftovers()).toEqual([]);
});

test('Ctrl-C ends the command with its exit code', async () => {
  let isInterrupted = false;
  const { code, out } = await runCli(['doctor', '--url', stack.url], {
    cwd: folder,
    onOutput(child) {
      if (!isInterrupted) isInterrupted = child.kill('SIGINT');
    },
  });

  expect(code).toBe(130);
  expect(out).toMatch(/^skipped +record +because it was interrupted$/m);
  expect(await leftovers()).toEqual([]);
});

test('a reader that is gone ends the checks, and what was made is removed', async () => {
  const { code, err } = await runCli(['doctor', '--url', stack.url], {
    cwd: folder,
    onStart({ stdout }) {
      stdout?.on('data', (piece: Buffer) => {
        if (/^sound +results-topic/m.test(piece.toString())) stdout.destroy();
      });
    },
  });

  expect({ code, err }).toEqual({ code: 141, err: 'stopping; what was made is being removed\n' });
  expect(await leftovers()).toEqual([]);
});

test.each([
  ['dead letters of the heavy queue', 'autoswiftnet-heavy-dead-letters'],
  ['parked uploads', 'autoswiftnet-uploads-parked'],
])('%s are found, and the cure is named', async (what, queue) => {
  const QueueUrl = stack.health.queues[queue];
  await deployment.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'failed' }));

  const found = await look(deadLetters);

  await deployment.clients.sqs.send(new PurgeQueueCommand({ QueueUrl }));
  expect(troubles(found)).toEqual([
    {
      state: 'fault',
      expected: `no ${what}`,
      found: '1 message that failed on every attempt',
      cure: `See why: npx autoswiftnet dead-letters list --url ${stack.url}. Repair the cause, then: npx autoswiftnet dead-letters redrive --url ${stack.url}`,
    },
  ]);
});

test('what cannot be removed is named with a command for the local stack, not for an account', async () => {
  const gone = { queueUrl: `${stack.health.endpoints['sqs']}/000000000000/gone`, subscriptionArn: null };

  expect(await look(removal, {}, { listener: gone })).toEqual([
    expect.objectContaining({
      state: 'fault',
      cure: `Remove it by hand: aws sqs delete-queue --queue-url ${gone.queueUrl} --endpoint-url ${stack.health.endpoints['sqs']}`,
    }),
  ]);
});

test('a queue without a redrive policy is found, and the cure is named', async () => {
  const { sqs } = deployment.clients;
  const QueueUrl = stack.health.queues['autoswiftnet-heavy'];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }));
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: '' } }));

  const found = await look(workQueues);

  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  expect(troubles(found)).toEqual([
    expect.objectContaining({
      state: 'fault',
      cure: expect.stringContaining('aws sqs set-queue-attributes --queue-url'),
    }),
  ]);
});

test('a bucket that reports nothing is found, and the cure is named', async () => {
  expect(await look(bucketEvents, { bucket: SERVICE_BUCKET })).toEqual([
    expect.objectContaining({ state: 'fault', cure: expect.stringContaining('npx autoswiftnet start') }),
  ]);
});

test('uploads that nobody answers are found, and the cure names the log', async () => {
  expect(await look(record)).toEqual([
    expect.objectContaining({ state: 'fault', cure: expect.stringContaining('A model that cannot be opened') }),
  ]);
});

test('a model that cannot be opened is found by the record of the picture, and the cure is named', async () => {
  const key = 'failed.jpg';
  const reason = { code: 'invalid-package', message: 'weights.bin has 1000 bytes' };
  const written = failedRecord({ bucket: deployment.bucket, key }, reason);
  await recordsOf(deployment).write(written, { kind: 'unchanged', seen: null });

  expect(await look(record, {}, { key })).toEqual([
    expect.objectContaining({
      state: 'fault',
      found: 'it is failed: weights.bin has 1000 bytes',
      cure: expect.stringContaining('docs/errors.md says what to do about invalid-package'),
    }),
  ]);
});

test('an index by time that lags behind or is missing is found, and the cure is named', async () => {
  const key = 'not-listed.jpg';
  const unlisted = failedRecord({ bucket: deployment.bucket, key }, { code: 'internal', message: 'any' });

  expect(await look(newest, {}, { key, record: unlisted })).toEqual([
    expect.objectContaining({ state: 'fault', cure: expect.stringContaining('The index byLastModified') }),
  ]);
});

test('a results topic that does not exist is found, and the cure is named', async () => {
  expect(await look(resultsTopic, { resultsTopicArn: topicArn('gone') })).toEqual([
    expect.objectContaining({
      state: 'fault',
      found: expect.stringContaining('NotFound'),
      cure: expect.stringContaining('deploy the stack again'),
    }),
  ]);
});

test.each<[string, Check, number, object, string, string]>([
  ['cannot open its model', classify, 500, { message: 'Internal Server Error' }, 'fault', 'models verify'],
  ['wants a token', apiHealth, 401, { message: 'Unauthorized' }, 'warning', '--token "$TOKEN"'],
  ['refuses these credentials', apiHealth, 403, { message: 'Forbidden' }, 'warning', 'execute-api:Invoke'],
  ['is of another version', apiHealth, 200, { version: '0.0.1' }, 'warning', 'npx autoswiftnet start'],
])('an API that %s is found, and the cure is named', async (_what, check, status, body, state, cure) => {
  const health = { ...stack.health, ...body };
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? health : body));
  });
  const apiUrl = new URL(`http://127.0.0.1:${await listen(server, 0)}`);

  const found = await look(check, { apiUrl });

  server.close();
  server.closeAllConnections();
  expect(troubles(found)).toEqual([expect.objectContaining({ state, cure: expect.stringContaining(cure) })]);
});

test('a local stack that does not run is found, and the cure is named', async () => {
  const { code, out } = await runCli(['doctor', '--url', 'http://127.0.0.1:1', '--json'], { cwd: folder });

  const { isSound, checks } = JSON.parse(out);
  expect({ code, isSound }).toEqual({ code: 1, isSound: false });
  expect(checks).toEqual([
    expect.objectContaining({
      check: 'deployment',
      state: 'fault',
      found: expect.not.stringContaining('npx autoswiftnet start'),
      cure: expect.stringContaining('npx autoswiftnet start'),
    }),
  ]);
});
