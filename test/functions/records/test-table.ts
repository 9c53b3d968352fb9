import { once } from 'node:events';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { createTableInput } from '../../../functions/records/table-schema.ts';

export const TABLE = 'autoswiftnet';

export interface TestTable {
  readonly endpoint: string;
  readonly database: DynamoDBClient;
  readonly client: DynamoDBDocumentClient;
  close(): Promise<void>;
}

/** The one table, empty, on a DynamoDB of its own in memory. */
export async function openTestTable(): Promise<TestTable> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('dynalite has no port');
  const endpoint = `http://127.0.0.1:${address.port}`;
  const database = new DynamoDBClient({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await database.send(new CreateTableCommand(createTableInput(TABLE)));
  return {
    endpoint,
    database,
    client: DynamoDBDocumentClient.from(database),
    async close() {
      database.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
