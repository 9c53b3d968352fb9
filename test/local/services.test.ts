import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetBucketVersioningCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as deadLetterQueue from '../../functions/dead-letters/queue.ts';
import * as heavyQueue from '../../functions/gpu-worker/queue.ts';
import { createTableInput } from '../../functions/records/table-schema.ts';
import { DEFAULT_NONCURRENT_DAYS } from '../../functions/tag-upload/bucket.ts';
import * as uploadsQueue from '../../functions/tag-upload/queue.ts';
import { localSns } from '../../local/clients.ts';
import { type Closers, closeAll } from '../../local/closers.ts';
import { startDynamoDb } from '../../local/dynamodb.ts';
import { startMessaging } from '../../local/messaging.ts';
import { queueArn, SERVICE_BUCKET, TABLE, UPLOADS_BUCKET } from '../../local/names.ts';
import { startS3 } from '../../local/s3/server.ts';
import { startServices } from '../../local/services.ts';
import { upload, userS3 } from '../integration/uploads.ts';

const SIGNED = 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0';
const SQS_LIST = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' };

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-services-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

function post(endpoint: string, body: string, headers: Record<string, string>, path = '/'): Promise<Response> {
  return fetch(`${endpoint}${path}`, { method: 'POST', body, headers });
}

describe('SQS and SNS', () => {
  test('the queues have dead-letter queues and the settings of their readers', async () => {
    const { sqs, queueUrls, close } = await startMessaging();

    const readers = [
      ['autoswiftnet-uploads', uploadsQueue, 'autoswiftnet-uploads-dead-letters'],
      ['autoswiftnet-uploads-dead-letters', deadLetterQueue, 'autoswiftnet-uploads-parked'],
      ['autoswiftnet-heavy', heavyQueue, 'autoswiftnet-heavy-dead-letters'],
    ] as const;
    for (const [name, reader, deadLetters] of readers) {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrls[name], AttributeNames: ['All'] }),
      );
      expect(Attributes['VisibilityTimeout']).toBe(String(reader.VISIBILITY_TIMEOUT_SECONDS));
      expect(JSON.parse(Attributes['RedrivePolicy'] ?? '')).toEqual({
        deadLetterTargetArn: queueArn(deadLetters),
        maxReceiveCount: reader.MAX_RECEIVE_COUNT,
      });
    }
    expect(Object.keys(queueUrls)).toHaveLength(5);
    await close();
  });

  test('messages to the results topic reach its subscribers', async () => {
    const { endpoint, sqs, resultsTopicArn, close } = await startMessaging();
    const sns = localSns(endpoint);

    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'listener' }));
    await sns.send(
      new SubscribeCommand({ TopicArn: resultsTopicArn, Protocol: 'sqs', Endpoint: queueArn('listener') }),
    );
    await sns.send(new PublishCommand({ TopicArn: resultsTopicArn, Message: 'héllo' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));

    expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({ Message: 'héllo' });
    sns.destroy();
    await close();
  });

  test('only signed actions from this machine are answered', async () => {
    const { endpoint, close } = await startMessaging();
    const signed = { ...SQS_LIST, authorization: SIGNED };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };

    expect((await post(endpoint, '{}', signed)).status).toBe(200);
    expect((await post(endpoint, '{}', SQS_LIST)).status).toBe(403);
    expect((await post(endpoint, 'Action=ListTopics', form)).status).toBe(403);
    expect((await post(endpoint, '{}', { ...signed, origin: 'https://example.com' })).status).toBe(403);
    expect((await post(endpoint, 'x', { authorization: SIGNED }, '/bucket/key')).status).toBe(404);
    expect((await fetch(`${endpoint}/_fauxqs/queues`)).status).toBe(404);
    await close();
  });
});

describe('S3', () => {
  const everything = { gatewayPort: 0, anyPorts: true, onReport: () => {} };

  test('the watched bucket is versioned like the deployed one; versions replaced a month ago are deleted at the next start', async () => {
    const monthAgo = Date.now() - DEFAULT_NONCURRENT_DAYS * 86_400_000;
    const before = await startS3({ dataDir: join(dataDir, 's3'), clock: () => monthAgo });
    await before.createBucket(UPLOADS_BUCKET, { versioned: true });
    const client = userS3(before.endpoint);
    for (const body of ['replaced', 'current']) await upload(client, 'k', Buffer.from(body));
    client.destroy();
    await before.close();

    const closers: Closers = [];
    const { s3 } = await startServices({ dataDir, ...everything }, closers);
    const user = userS3(s3.endpoint);
    const { Versions } = await user.send(new ListObjectVersionsCommand({ Bucket: UPLOADS_BUCKET }));
    const statuses = [UPLOADS_BUCKET, SERVICE_BUCKET].map(async (Bucket) => {
      return (await user.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    });

    expect(Versions).toEqual([expect.objectContaining({ Key: 'k', Size: 'current'.length, IsLatest: true })]);
    expect(await Promise.all(statuses)).toEqual(['Enabled', undefined]);
    user.destroy();
    await closeAll(closers);
  });
});

describe('DynamoDB', () => {
  const item = { pk: 'IMAGE#b/k', sk: 'IMAGE', text: 'é' };

  test('the table has the schema of the records, and its items survive a restart', async () => {
    const first = await startDynamoDb({ dataDir });
    await DynamoDBDocumentClient.from(first.client).send(new PutCommand({ TableName: TABLE, Item: item }));
    await first.close();

    const second = await startDynamoDb({ dataDir });
    const { Item } = await DynamoDBDocumentClient.from(second.client).send(
      new GetCommand({ TableName: TABLE, Key: { pk: item.pk, sk: item.sk } }),
    );
    const { Table } = await second.client.send(new DescribeTableCommand({ TableName: TABLE }));
    await second.close();

    expect(Item).toEqual(item);
    expect(Table?.KeySchema).toEqual(createTableInput(TABLE).KeySchema);
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['byLabel', 'byLastModified']);
  });

  test('a foreign page is refused, and so is its preflight', async () => {
    const { endpoint, close } = await startDynamoDb({ dataDir });
    const headers = { origin: 'https://example.com', 'access-control-request-method': 'POST' };

    const preflight = await fetch(endpoint, { method: 'OPTIONS', headers });
    const posted = await post(endpoint, '{}', { ...headers, 'content-type': 'application/x-amz-json-1.0' });

    expect([preflight.status, posted.status]).toEqual([403, 403]);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    await close();
  });

  test('it survives a client that disconnects, and a malformed request', async () => {
    const { endpoint, client, close } = await startDynamoDb({ dataDir });
    const headers = {
      authorization: SIGNED,
      'x-amz-date': '20260101T000000Z',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'content-type': 'application/x-amz-json-1.0',
    };

    const statuses: number[] = [];
    for (const body of [
      'null',
      '[]',
      '1',
      '"text"',
      '{"TableName":null}',
      '{',
      '{"TableName":{}}',
      '{"TableName":"autoswiftnet","Item":{"pk":{"S":1}}}',
    ]) {
      statuses.push((await post(endpoint, body, headers)).status);
    }
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nabc');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(statuses.every((status) => status === 400)).toBe(true);
    await expect(client.send(new DescribeTableCommand({ TableName: TABLE }))).resolves.toMatchObject({});
    await close();
  });
});
