import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { startDynamoDb } from '../../local/dynamodb.ts';
import { TABLE } from '../../local/names.ts';
import { eventually } from '../integration/uploads.ts';

const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const { AbstractLevel } = createRequire(ofDynalite.resolve('level'))('abstract-level');

test('no iterator stays open after a query, whether it was read to its end or not', async () => {
  const open = new Set<unknown>();
  const { attachResource, detachResource } = AbstractLevel.prototype;
  AbstractLevel.prototype.attachResource = function attach(resource: unknown) {
    open.add(resource);
    return attachResource.call(this, resource);
  };
  AbstractLevel.prototype.detachResource = function detach(resource: unknown) {
    open.delete(resource);
    return detachResource.call(this, resource);
  };
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-iterators-'));
  const { client, close } = await startDynamoDb({ dataDir: join(dataDir, 'dynamodb') });
  try {
    for (const sk of ['a', 'b', 'c']) {
      await client.send(new PutItemCommand({ TableName: TABLE, Item: { pk: { S: 'p' }, sk: { S: sk } } }));
    }
    const query = {
      TableName: TABLE,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'p' } },
    };
    expect((await client.send(new QueryCommand(query))).Items).toHaveLength(3);
    expect((await client.send(new QueryCommand({ ...query, Limit: 1 }))).Items).toHaveLength(1);
    expect((await client.send(new ScanCommand({ TableName: TABLE, Limit: 1 }))).Items).toHaveLength(1);

    const left = await eventually(
      async () => open.size,
      (count) => count === 0,
      10_000,
    );
    expect(left).toBe(0);
  } finally {
    Object.assign(AbstractLevel.prototype, { attachResource, detachResource });
    await close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
