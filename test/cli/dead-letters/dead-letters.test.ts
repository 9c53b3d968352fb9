import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { failedQueues } from '../../../cli/dead-letters/failed-queue.ts';
import { readLetter } from '../../../cli/dead-letters/letter.ts';
import { moveBySqs, RedriveError } from '../../../cli/dead-letters/move-task.ts';
import { peek } from '../../../cli/dead-letters/peek.ts';
import { redrive } from '../../../cli/dead-letters/redrive.ts';
import { deadLettersCommand } from '../../../cli/dead-letters.ts';
import { closeDeployment, type Deployment } from '../../../cli/deployment/deployment.ts';
import { openLocalDeployment } from '../../../cli/deployment/local-deployment.ts';
import { readQueueFacts } from '../../../cli/deployment/queue-facts.ts';
import { recordsOf } from '../../../cli/deployment/records-of.ts';
import { callingServices, ServiceRefusedError } from '../../../cli/deployment/service-error.ts';
import { healthOf } from '../../../functions/api/health.ts';
import { requestOfImage } from '../../../functions/routing/heavy-message.ts';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { startGateway } from '../../../local/gateway.ts';
import { listen } from '../../../local/listen.ts';
import { TABLE, UPLOADS_BUCKET } from '../../../local/names.ts';
import { type Services, startServices } from '../../../local/services.ts';
import { failedRecord } from '../failed-record.ts';
import { jsonLines, runCli } from '../run-cli.ts';

const KEY = 'cats/a b.jpg';
const REASON = { code: 'invalid-package', message: 'weights.bin has 1000 bytes' };
const SENT_AT = expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/);

/** As S3 sends it, with a key that is form-encoded. */
const NOTIFICATION = JSON.stringify({
  Records: [
    {
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: UPLOADS_BUCKET }, object: { key: 'cats/a+b.jpg', eTag: 'e', size: 1, sequencer: '01' } },
    },
  ],
});

const closers: Closers = [];
let folder: string;
let url: string;
let services: Services;
let deployment: Deployment;

/** The services of the local stack, without the functions that would read their queues. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-letters-'));
  services = await startServices({ dataDir: folder, gatewayPort: 0, anyPorts: true, onReport() {} }, closers);
  const { endpoints, messaging } = services;
  const health = {
    ...healthOf({ modelNames: ['sample'], auth: null, maxImageBytes: 1 }),
    ...{ endpoints, bucket: UPLOADS_BUCKET, queues: messaging.queueUrls, table: TABLE },
  };
  const gateway = await startGateway(0, { health: () => health, api: () => undefined });
  closers.push(gateway.close);
  url = gateway.url;
  deployment = await openLocalDeployment(new URL(url));
  await recordsOf(deployment).write(failedRecord({ bucket: UPLOADS_BUCKET, key: KEY }, REASON), {
    kind: 'unchanged',
    seen: null,
  });
  const source = { bucket: UPLOADS_BUCKET, key: 'dog.jpg', versionId: null, eTag: 'e', sequencer: '02' };
  await send('uploads-dead-letters', NOTIFICATION);
  await send('heavy-dead-letters', JSON.stringify(requestOfImage(source, 'heavy')));
  await send('uploads-parked', 'no JSON', { code: 'malformed-event', reason: 'it has no Records' });
});

afterAll(async () => {
  closeDeployment(deployment);
  await closeAll(closers);
  await rm(folder, { recursive: true, force: true });
});

function queueUrl(name: string): string {
  return services.messaging.queueUrls[`autoswiftnet-${name}`] ?? '';
}

async function send(queue: string, MessageBody: string, attributes: Record<string, string> = {}): Promise<void> {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  await services.messaging.sqs.send(
    new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody, MessageAttributes }),
  );
}

/** Messages that wait in each of the queues. */
async function waiting(): Promise<Record<string, number>> {
  const names = ['uploads', 'uploads-dead-letters', 'uploads-parked', 'heavy', 'heavy-dead-letters'];
  const facts = await Promise.all(names.map((name) => readQueueFacts(services.messaging.sqs, queueUrl(name))));
  return Object.fromEntries(facts.map((fact, index) => [names[index], fact.waiting]));
}

const FAILED = { uploads: 0, 'uploads-dead-letters': 1, 'uploads-parked': 1, heavy: 0, 'heavy-dead-letters': 1 };

test('list says of each message which image, why and since when, and leaves it there', async () => {
  const { code, out } = await runCli(['dead-letters', 'list', '--url', url, '--json'], { cwd: folder });

  expect(code).toBe(0);
  const image = { what: `s3://${UPLOADS_BUCKET}/${KEY}`, state: 'failed', reason: REASON };
  const unknown = { what: `s3://${UPLOADS_BUCKET}/dog.jpg`, state: null, reason: null };
  const message = { messageId: expect.any(String), sentAt: SENT_AT };
  expect(jsonLines(out)).toEqual(
    expect.arrayContaining([
      { ...message, queue: 'uploads', subjects: [image], parkedFor: null, unreadable: null },
      { ...message, queue: 'heavy', subjects: [unknown], parkedFor: null, unreadable: null },
      {
        ...{ ...message, queue: 'parked', subjects: [], unreadable: expect.stringContaining('is not JSON') },
        parkedFor: { code: 'malformed-event', message: 'it has no Records' },
      },
    ]),
  );
  expect(await waiting()).toEqual(FAILED);
});

test('a redrive of one queue, and then of all, sends the messages to where they came from', async () => {
  for (const queue of failedQueues(deployment, 'parked')) {
    expect(await redrive(queue, deployment, () => {})).toEqual({ moved: 1, hidden: 0 });
  }
  expect(await waiting()).toEqual({ ...FAILED, 'uploads-parked': 0, uploads: 1 });

  const all = await runCli(['dead-letters', 'redrive', '--url', url], { cwd: folder });

  expect(all.out).toContain('uploads: 1 message sent back\nheavy: 1 message sent back\n');
  expect(await waiting()).toEqual({
    ...{ uploads: 2, heavy: 1 },
    ...{ 'uploads-dead-letters': 0, 'uploads-parked': 0, 'heavy-dead-letters': 0 },
  });
});

test('messages that an interrupted list has hidden are told of, and the redrive does not look finished', async () => {
  await send('heavy-dead-letters', 'hidden');
  const { sqs } = services.messaging;
  await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('heavy-dead-letters'), VisibilityTimeout: 60 }));

  const { code, out, err } = await runCli(['dead-letters', 'redrive', '--url', url, '--queue', 'heavy'], {
    cwd: folder,
  });

  expect({ code, out }).toEqual({ code: 1, out: 'heavy: 0 messages sent back\n' });
  expect(err).toMatch(/^heavy: about 1 more cannot be sent back now, .* Run it again in a minute\.\n$/);
});

test('a message whose record is damaged can be read: the record is what cannot', async () => {
  const item = { pk: `IMAGE#${UPLOADS_BUCKET}/dog.jpg`, sk: 'IMAGE', state: 7 };
  const documents = DynamoDBDocumentClient.from(deployment.clients.dynamodb);
  await documents.send(new PutCommand({ TableName: deployment.table, Item: item }));
  const source = { bucket: UPLOADS_BUCKET, key: 'dog.jpg', versionId: null, eTag: 'e', sequencer: '02' };

  const letter = await readLetter({ Body: JSON.stringify(requestOfImage(source, 'heavy')) }, 'heavy', deployment);

  expect(letter).toMatchObject({
    subjects: [{ what: `s3://${UPLOADS_BUCKET}/dog.jpg`, state: 'unreadable', reason: { code: 'stored-record' } }],
    unreadable: null,
  });
});

test('more than a thousand messages are not looked at in one go', async () => {
  const list = deadLettersCommand().commands.find((command) => command.name() === 'list');
  list?.exitOverride().configureOutput({ writeErr() {} });

  await expect(list?.parseAsync(['--limit', '1001'], { from: 'user' })).rejects.toThrow(/from 1 to 1000/);
});

test('a queue that does not exist is an error that names those that do', () => {
  expect(() => failedQueues(deployment, 'upload')).toThrow(/no queue upload. Use one of uploads, heavy, .*parked/);
});

describe('on AWS', () => {
  const move = { sourceArn: 'arn:dead', destinationArn: 'arn:uploads' };
  const asked: unknown[] = [];
  let answers: { readonly status: number; readonly body: object }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push([request.headers['x-amz-target'], JSON.parse(Buffer.concat(chunks).toString())]);
    const { status, body } = answers.shift() ?? { status: 500, body: {} };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  let sqs: SQSClient;

  beforeAll(async () => {
    const endpoint = `http://127.0.0.1:${await listen(server, 0)}`;
    const credentials = { accessKeyId: 'reader', secretAccessKey: 'secret' };
    sqs = new SQSClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1, md5: false });
  });

  beforeEach(() => {
    asked.length = 0;
  });

  afterAll(() => {
    sqs.destroy();
    server.close();
    server.closeAllConnections();
  });

  function task(Status: string, moved: number, more: object = {}) {
    return {
      status: 200,
      body: { Results: [{ Status, ApproximateNumberOfMessagesMoved: moved, StartedTimestamp: 2, ...more }] },
    };
  }

  const none = { status: 200, body: { Results: [] } };

  test('SQS moves the messages itself, and its progress is told', async () => {
    const earlier = task('COMPLETED', 99, { StartedTimestamp: 1 });
    const started = { status: 200, body: { TaskHandle: 'x' } };
    answers = [earlier, started, earlier, none, task('RUNNING', 3), task('RUNNING', 3), task('COMPLETED', 7)];
    const progress: number[] = [];

    const moved = await moveBySqs(sqs, { ...move, onProgress: (count) => progress.push(count) }, 0);

    expect({ moved, progress }).toEqual({ moved: 7, progress: [3] });
    expect(asked[1]).toEqual([
      'AmazonSQS.StartMessageMoveTask',
      { SourceArn: move.sourceArn, DestinationArn: move.destinationArn },
    ]);
  });

  test('a move that SQS never shows is an error that names how to look', async () => {
    answers = [none, { status: 200, body: {} }, ...Array.from({ length: 60 }, () => none)];
    const running = moveBySqs(sqs, { ...move, sourceArn: 'arn:aws:sqs:eu-west-1:0:dead', onProgress() {} }, 0);

    await expect(running).rejects.toThrow(/list-message-move-tasks --source-arn arn:aws:sqs:.* --region eu-west-1$/);
  });

  test('a move that SQS gives up is an error with its reason', async () => {
    const FailureReason = 'AWS.SimpleQueueService.NonExistentQueue';
    answers = [none, { status: 200, body: {} }, task('FAILED', 2, { FailureReason })];
    const running = moveBySqs(sqs, { ...move, onProgress() {} }, 0);

    await expect(running).rejects.toThrow(RedriveError);
    await expect(running).rejects.toThrow(/moved 2 messages of arn:dead, then stopped: AWS.*NonExistentQueue/);
  });

  function batch(...ids: string[]) {
    return { status: 200, body: { Messages: ids.map((MessageId) => ({ MessageId, ReceiptHandle: MessageId })) } };
  }

  const shown = { status: 200, body: { Successful: [], Failed: [] } };

  test('list stops when SQS gives what was seen before, and shows it again', async () => {
    answers = [batch('a', 'b'), batch('b', 'a'), shown];

    const { messages, isStopped } = await peek(sqs, 'http://q', 1000);

    expect({ ids: messages.map(({ MessageId }) => MessageId), isStopped }).toEqual({
      ids: ['a', 'b'],
      isStopped: true,
    });
    expect(asked.map((one) => (one as string[])[0])).toEqual([
      'AmazonSQS.ReceiveMessage',
      'AmazonSQS.ReceiveMessage',
      'AmazonSQS.ChangeMessageVisibilityBatch',
    ]);
  });

  test('list stops before the first message shows itself again', async () => {
    answers = [batch('a'), batch('b'), shown];
    const times = [0, 49_000, 51_000];

    const { messages, isStopped } = await peek(sqs, 'http://q', 1000, () => times.shift() ?? Number.NaN);

    expect({ count: messages.length, isStopped }).toEqual({ count: 2, isStopped: true });
  });

  test('list that saw all messages did not stop early', async () => {
    answers = [batch('a'), batch(), shown];

    expect((await peek(sqs, 'http://q', 1000)).isStopped).toBe(false);
  });

  test('an action that is denied is named', async () => {
    const message = 'User: x is not authorized to perform: sqs:StartMessageMoveTask on resource: arn:dead';
    answers = [none, { status: 403, body: { __type: 'com.amazonaws.sqs#AccessDeniedException', message } }];
    const running = callingServices([], () => moveBySqs(sqs, { ...move, onProgress() {} }));

    await expect(running).rejects.toThrow(ServiceRefusedError);
    await expect(running).rejects.toThrow(/Allow the role that you use sqs:StartMessageMoveTask/);
  });
});
