import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import * as plain from '@aws-sdk/lib-dynamodb';
import { MAX_RECEIVE_COUNT } from '../../../functions/gpu-worker/queue.ts';
import { comparePositions, toPosition } from '../../../functions/records/position.ts';
import { localDynamoDb, localSqs } from '../../../local/clients.ts';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { startDynamoDb } from '../../../local/dynamodb.ts';
import { startMessaging } from '../../../local/messaging.ts';
import { HEAVY_QUEUE, TABLE } from '../../../local/names.ts';
import type { S3Notification } from '../../../local/s3/events.ts';
import { startS3 } from '../../../local/s3/server.ts';
import { userS3 } from '../../integration/uploads.ts';
import type { Service } from '../fault-plan.ts';
import { HEAVY_DEAD_LETTERS } from './audit-run.ts';
import { queueUrl } from './environment.ts';
import { MemoryQueues } from './memory-queues.ts';
import { MemoryS3 } from './memory-s3.ts';
import { MemoryTable } from './memory-table.ts';
import { serveCall } from './serve-call.ts';
import { VirtualTime } from './virtual-time.ts';

type Answer = Record<string, unknown>;

/** One of the two: what the simulation calls, or the embedded service through the SDK. */
interface Called {
  /** @param isPlain whether values are plain, as DynamoDBDocumentClient takes them */
  call(service: Service, operation: string, input: object, isPlain?: boolean): Promise<Answer>;
  queueUrl(name: string): string;
  /** The events of both buckets. */
  readonly events: S3Notification[];
}

const VERSIONED = 'versioned';
const UNVERSIONED = 'unversioned';
/** The fields of answers that the functions or the simulation read. */
const READ_FIELDS = ['ETag', 'ContentLength', 'Metadata', 'DeleteMarker', 'TagSet', 'IsTruncated'];

let memory: Called;
let embedded: Called;
const closers: Closers = [];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-contract-'));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  memory = openMemory();
  embedded = await openEmbedded(dataDir);
});

afterAll(() => closeAll(closers));

function openMemory(): Called {
  const events: S3Notification[] = [];
  const store = new MemoryS3((_bucket, event) => void events.push(event));
  store.createBucket(VERSIONED, true);
  store.createBucket(UNVERSIONED, false);
  const queues = new MemoryQueues(new VirtualTime(), { delayOf: () => 0, isRepeated: () => false, choice: () => 0 });
  queues.create(HEAVY_DEAD_LETTERS, { visibilitySeconds: 30, deadLetters: null });
  queues.create(HEAVY_QUEUE, {
    visibilitySeconds: 30,
    deadLetters: { queue: HEAVY_DEAD_LETTERS, after: MAX_RECEIVE_COUNT },
  });
  const services = { s3: store, table: new MemoryTable(), queues, published: [] };
  return {
    events,
    queueUrl,
    call: async (service, operation, input, isPlain = true) =>
      serveCall(services, service, operation, structuredClone(input), isPlain),
  };
}

async function openEmbedded(dataDir: string): Promise<Called> {
  const events: S3Notification[] = [];
  const onEvent = async (event: S3Notification) => void events.push(event);
  const server = await startS3({ dataDir, port: 0, allowedOrigins: [], onEvent, onError: () => {} });
  closers.push(() => server.close());
  await server.createBucket(VERSIONED, { versioned: true, notifications: true });
  await server.createBucket(UNVERSIONED, { notifications: true });
  const messaging = await startMessaging();
  closers.push(messaging.close);
  const table = await startDynamoDb({ dataDir: join(dataDir, 'table'), port: 0, onRebuild: () => {} });
  closers.push(table.close);
  const buckets = userS3(server.endpoint);
  const queues = localSqs(messaging.endpoint);
  const items = localDynamoDb(table.endpoint);
  const plainItems = plain.DynamoDBDocumentClient.from(items);
  closers.push(async () => [buckets, queues, items].forEach((client) => void client.destroy()));

  function send(service: Service, operation: string, input: object, isPlain: boolean): Promise<object> {
    if (service === 's3') return buckets.send(commandOf(s3, operation, input));
    if (service === 'sqs') return queues.send(commandOf(sqs, operation, input));
    if (isPlain) return plainItems.send(commandOf(plain, operation.replace('Item', ''), input));
    return items.send(commandOf(dynamodb, operation, input));
  }
  return {
    events,
    queueUrl: (name) => messaging.queueUrls[name] ?? '',
    async call(service, operation, input, isPlain = true) {
      const answer = await send(service, operation, input, isPlain);
      return { ...answer };
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the command is chosen by its name
function commandOf(module: object, operation: string, input: object): any {
  const Command = (module as Record<string, new (input: object) => unknown>)[`${operation}Command`];
  if (Command === undefined) throw new TypeError(`the SDK has no ${operation}Command`);
  return new Command(input);
}

/** Runs the same calls on both. @returns what each answered */
async function onBoth<Result>(calls: (called: Called) => Promise<Result>): Promise<[Result, Result]> {
  return [await calls(memory), await calls(embedded)];
}

/** The answer of a call, or the name of its error. */
async function tell(
  { call }: Called,
  service: Service,
  operation: string,
  input: object,
  isPlain?: boolean,
): Promise<unknown> {
  try {
    return pick(await call(service, operation, input, isPlain));
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return [name, $metadata?.httpStatusCode];
  }
}

function pick(answer: Answer): Answer {
  return Object.fromEntries(
    READ_FIELDS.filter((field) => answer[field] !== undefined).map((field) => [field, answer[field]]),
  );
}

async function textOf(answer: Answer): Promise<string> {
  return (answer['Body'] as { transformToString(): Promise<string> }).transformToString();
}

test.each([VERSIONED, UNVERSIONED])(
  'S3, %s: objects, versions, tags, deletions and what their events say',
  async (Bucket) => {
    const both = await onBoth(async (called) => {
      called.events.length = 0;
      const Key = 'a folder/ü+.jpg';
      const told: unknown[] = [];
      const ask = async (operation: string, input: object) => told.push(await tell(called, 's3', operation, input));
      await ask('GetObject', { Bucket, Key });
      await ask('HeadObject', { Bucket, Key });
      await ask('GetObjectTagging', { Bucket, Key });
      const first = await called.call('s3', 'PutObject', {
        Bucket,
        Key,
        Body: Buffer.from('one'),
        Metadata: { 'image-etag': 'x' },
        Tagging: 'owner=me&place=a%20b',
      });
      await ask('HeadObject', { Bucket, Key });
      await ask('GetObjectTagging', { Bucket, Key });
      await ask('GetObject', { Bucket, Key, IfMatch: String(first['ETag']) });
      await ask('GetObject', { Bucket, Key, IfMatch: '"0123"' });
      const second = await called.call('s3', 'PutObject', { Bucket, Key, Body: Buffer.from('two two') });
      const got = await called.call('s3', 'GetObject', { Bucket, Key });
      told.push(await textOf(got), (got['LastModified'] as Date).getMilliseconds());
      told.push(first['VersionId'] === second['VersionId'], got['VersionId'] === second['VersionId']);
      await ask('GetObjectTagging', { Bucket, Key });
      await ask('PutObjectTagging', { Bucket, Key, Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] } });
      await ask('GetObjectTagging', { Bucket, Key });
      if (Bucket === VERSIONED) {
        const VersionId = first['VersionId'];
        await ask('GetObject', { Bucket, Key, VersionId });
        await ask('GetObjectTagging', { Bucket, Key, VersionId });
        await ask('PutObjectTagging', { Bucket, Key, VersionId, Tagging: { TagSet: [] } });
        await ask('DeleteObject', { Bucket, Key, VersionId });
        await ask('HeadObject', { Bucket, Key, VersionId });
      }
      await ask('HeadObject', { Bucket, Key });
      const { VersionId } = await called.call('s3', 'DeleteObject', { Bucket, Key });
      await ask('HeadObject', { Bucket, Key });
      await ask('GetObject', { Bucket, Key });
      if (VersionId !== undefined) {
        await ask('GetObject', { Bucket, Key, VersionId });
        await ask('DeleteObject', { Bucket, Key, VersionId });
        await ask('HeadObject', { Bucket, Key });
      }
      await ask('PutObject', { Bucket: 'no-such-bucket', Key, Body: Buffer.from('one') });
      return { told, events: describeEvents(called.events) };
    });

    expect(both[0]).toEqual(both[1]);
    expect(both[0].events.map(({ name }) => name)).toContain(
      `ObjectRemoved:${Bucket === VERSIONED ? 'DeleteMarkerCreated' : 'Delete'}`,
    );
  },
);

/** What an event says, with version ids by their order, and whether it is later than the last. */
function describeEvents(events: readonly S3Notification[]) {
  const versions: (string | undefined)[] = [];
  let before = '0';
  return events.flatMap(({ Records }) =>
    Records.map(({ eventName, s3: { bucket, object } }) => {
      if (!versions.includes(object.versionId)) versions.push(object.versionId);
      const isLater = comparePositions(toPosition(object.sequencer, 0), toPosition(before, 0)) > 0;
      before = object.sequencer;
      const { key, eTag, size } = object;
      const version = object.versionId === undefined ? null : versions.indexOf(object.versionId);
      return { name: eventName, bucket: bucket.name, key, eTag, size, version, isLater };
    }),
  );
}

test('S3 lists a bucket in pages, by the bytes of the keys, without what was deleted', async () => {
  const both = await onBoth(async ({ call }) => {
    const Bucket = VERSIONED;
    const keys = ['list/b', 'list/a', 'list/ü', 'list/Z', 'list/c', 'lisu'];
    for (const Key of keys) await call('s3', 'PutObject', { Bucket, Key, Body: Buffer.from(Key) });
    await call('s3', 'DeleteObject', { Bucket, Key: 'list/c' });
    const pages: unknown[] = [];
    let ContinuationToken: unknown;
    do {
      const page = await call('s3', 'ListObjectsV2', { Bucket, Prefix: 'list/', MaxKeys: 2, ContinuationToken });
      const contents = (page['Contents'] ?? []) as { Key: string; ETag: string; Size: number }[];
      pages.push([contents.map(({ Key, ETag, Size }) => ({ Key, ETag, Size })), page['IsTruncated']]);
      ContinuationToken = page['NextContinuationToken'];
    } while (ContinuationToken !== undefined);
    const { Contents = [] } = await call('s3', 'ListObjectsV2', { Bucket, StartAfter: 'list/b' });
    pages.push((Contents as { Key: string }[]).map(({ Key }) => Key).filter((key) => key.startsWith('lis')));
    return pages;
  });

  expect(both[0]).toEqual(both[1]);
  expect(both[0]).toHaveLength(3);
});

/** An item, and whether these conditions let it be written once more. */
const STORED = { pk: 'P', sk: 'C', text: 'b', count: 2, nothing: null, isTrue: true };
const NAMES = { '#state': 'text' };
const CONDITIONS: readonly [condition: string, values: Answer][] = [
  ['attribute_not_exists(pk)', {}],
  ['attribute_exists(pk) AND attribute_not_exists(absent)', {}],
  ['#state IN (:a, :b)', { ':a': 'a', ':b': 'b' }],
  ['#state IN (:a)', { ':a': 'a' }],
  ['#state < :b OR (#state = :b AND #count < :two)', { ':b': 'b', ':two': 2 }],
  ['#state < :b OR (#state = :b AND #count <= :two)', { ':b': 'b', ':two': 2 }],
  ['#count BETWEEN :one AND :two', { ':one': 1, ':two': 2 }],
  ['NOT #count > :one', { ':one': 1 }],
  ['#count = :text', { ':text': '2' }],
  ['#count <> :text', { ':text': '2' }],
  ['absent = :b', { ':b': 'b' }],
  ['absent <> :b', { ':b': 'b' }],
  ['NOT absent = :b', { ':b': 'b' }],
  ['absent < :b', { ':b': 'b' }],
  ['attribute_type(#state, :type)', { ':type': 'S' }],
  ['attribute_type(#count, :type)', { ':type': 'S' }],
  ['nothing = :null', { ':null': null }],
  ['isTrue = :true', { ':true': true }],
];

test('DynamoDB refuses and accepts by the same conditions', async () => {
  const both = await onBoth(async (called) => {
    const told: unknown[] = [];
    for (const [ConditionExpression, values] of CONDITIONS) {
      const names = { ...NAMES, '#count': 'count' };
      const ExpressionAttributeNames = Object.fromEntries(
        Object.entries(names).filter(([name]) => ConditionExpression.includes(name)),
      );
      const condition = {
        ConditionExpression,
        ...(Object.keys(ExpressionAttributeNames).length === 0 ? {} : { ExpressionAttributeNames }),
        ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
      };
      for (const sk of ['C', 'of nothing']) {
        await called.call('dynamodb', 'PutItem', { TableName: TABLE, Item: STORED });
        const outcome = await tell(called, 'dynamodb', 'PutItem', {
          TableName: TABLE,
          Item: { ...STORED, sk },
          ...condition,
        });
        const Key = { pk: 'P', sk };
        const removal = await tell(called, 'dynamodb', 'DeleteItem', { TableName: TABLE, Key, ...condition });
        told.push([ConditionExpression, sk, outcome, removal]);
        await called.call('dynamodb', 'DeleteItem', { TableName: TABLE, Key });
      }
    }
    return told;
  });

  expect(both[0]).toEqual(both[1]);
  expect(new Set((both[0] as unknown[][]).map(([, , outcome]) => JSON.stringify(outcome))).size).toBe(2);
});

test('DynamoDB reads, changes and finds items, plain or marshalled, in the same pages', async () => {
  const both = await onBoth(async ({ call }) => {
    const told: unknown[] = [];
    const TableName = TABLE;
    for (let rank = 1; rank <= 5; rank += 1) {
      const Item = { pk: 'Q', sk: `RANK#${rank}`, labelShard: 'cat#0', probability: rank / 10, nested: [{ a: null }] };
      await call('dynamodb', 'PutItem', { TableName, Item });
    }
    await call('dynamodb', 'PutItem', { TableName, Item: { pk: 'Q', sk: 'IMAGE' } });
    const Key = { pk: 'Q', sk: 'RANK#2' };
    told.push(await call('dynamodb', 'GetItem', { TableName, Key }));
    told.push(await call('dynamodb', 'GetItem', { TableName, Key: { pk: 'Q', sk: 'RANK#9' } }));
    const marshalled = { pk: { S: 'Q' }, sk: { S: 'RANK#2' } };
    told.push(await call('dynamodb', 'GetItem', { TableName, Key: marshalled }, false));
    await call(
      'dynamodb',
      'UpdateItem',
      {
        TableName,
        Key: marshalled,
        UpdateExpression: 'SET #data = :data, expiration = :later',
        ExpressionAttributeNames: { '#data': 'data' },
        ExpressionAttributeValues: { ':data': { M: { a: { N: '1' } } }, ':later': { N: '9' } },
      },
      false,
    );
    told.push(await call('dynamodb', 'GetItem', { TableName, Key }));
    const indexed = {
      TableName,
      IndexName: 'byLabel',
      KeyConditionExpression: 'labelShard = :pk AND probability BETWEEN :least AND :most',
      ExpressionAttributeValues: { ':pk': 'cat#0', ':least': 0.2, ':most': 0.5 },
    };
    const own = { TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'Q' } };
    for (const query of [own, indexed]) {
      for (const ScanIndexForward of [true, false]) {
        let ExclusiveStartKey: unknown;
        do {
          const page = await call('dynamodb', 'Query', { ...query, ScanIndexForward, Limit: 2, ExclusiveStartKey });
          told.push([page['Items'], page['LastEvaluatedKey']]);
          ExclusiveStartKey = page['LastEvaluatedKey'];
        } while (ExclusiveStartKey !== undefined);
      }
    }
    const Keys = [Key, { pk: 'Q', sk: 'no' }];
    told.push(await call('dynamodb', 'BatchGetItem', { RequestItems: { [TABLE]: { Keys } } }));
    return told.map(withoutMetadata);
  });

  expect(both[0]).toEqual(both[1]);
});

test('SQS hides, hands back, counts, deletes and gives up messages alike', async () => {
  const both = await onBoth(async ({ call, queueUrl: urlOf }) => {
    const QueueUrl = urlOf(HEAVY_QUEUE);
    const told: unknown[] = [];
    const receive = async (MaxNumberOfMessages = 10, url = QueueUrl) => {
      const { Messages = [] } = await call('sqs', 'ReceiveMessage', {
        QueueUrl: url,
        MaxNumberOfMessages,
        WaitTimeSeconds: 0,
        VisibilityTimeout: 60,
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
      });
      const messages = Messages as { Body: string; ReceiptHandle: string; Attributes: Record<string, string> }[];
      told.push(messages.map(({ Body, Attributes: { ApproximateReceiveCount } }) => [Body, ApproximateReceiveCount]));
      return messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    };
    const handBack = (entries: readonly object[]) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
      return call('sqs', 'ChangeMessageVisibilityBatch', { QueueUrl, Entries });
    };
    for (const MessageBody of ['a', 'b']) await call('sqs', 'SendMessage', { QueueUrl, MessageBody });
    const first = await receive(1);
    const second = await receive();
    await receive();
    await handBack(first);
    await call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries: await receive() });
    await handBack(second);
    for (let receives = 2; receives <= MAX_RECEIVE_COUNT; receives += 1) await handBack(await receive());
    await receive();
    await receive(10, urlOf(HEAVY_DEAD_LETTERS));
    return told;
  });

  expect(both[0]).toEqual(both[1]);
  expect(both[0].slice(0, 4)).toEqual([[['a', '1']], [['b', '1']], [], [['a', '2']]]);
});

function withoutMetadata(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return answer;
  const { $metadata: _, ...rest } = answer as Answer;
  return rest;
}
