import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { createTableInput } from '../functions/records/table-schema.ts';
import { boundCaches } from './bound-caches.ts';
import { localDynamoDb } from './clients.ts';
import { closeIterators } from './close-iterators.ts';
import { DataFolderError } from './errors.ts';
import { guardServer, replaceListeners, sendProblem } from './guard.ts';
import { listen } from './listen.ts';
import { HOST, TABLE } from './names.ts';

export interface LocalDynamoDb {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  close(): Promise<void>;
}

/** A new table becomes active shortly after it was created. */
const TABLE_ACTIVE_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 20;

/**
 * Serves what a folder holds, with our table, which is created if it is missing.
 * @param port 0 means any free port
 * @throws {PortTakenError}
 * @throws {DataFolderError} when the folder holds a table whose creation was interrupted
 */
export async function serveDynamoDb(
  dataDir: string,
  port: number,
): Promise<LocalDynamoDb & { readonly table: TableDescription }> {
  await mkdir(dataDir, { recursive: true });
  closeIterators();
  boundCaches();
  const server = dynalite({ path: dataDir, createTableMs: 0 });
  survivingFaults(server);
  guardServer(server);
  const endpoint = `http://${HOST}:${await listen(server, port)}`;
  const client = localDynamoDb(endpoint);
  const close = async () => {
    client.destroy();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  try {
    return { endpoint, client, close, table: await ensureTable(client, dataDir) };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Catches what dynalite throws from its event listeners, when a client disconnects in the middle of
 * a request or sends JSON that is not an object. Without this, such an error ends the whole stack.
 */
function survivingFaults(server: Server): void {
  replaceListeners(server, (request, response, proceed) => {
    proceed();
    request.removeAllListeners('error');
    request.on('error', () => response.destroy());
    catchThrown(request, 'end', () => {
      if (!response.headersSent) sendProblem(response, 400, 'malformed-request', 'this is not a DynamoDB request');
    });
  });
}

function catchThrown(request: IncomingMessage, event: string, onThrown: () => void): void {
  const listeners = request.listeners(event);
  request.removeAllListeners(event);
  request.on(event, (...values: unknown[]) => {
    try {
      for (const listener of listeners) Reflect.apply(listener, request, values);
    } catch {
      onThrown();
    }
  });
}

async function ensureTable(client: DynamoDBClient, dataDir: string): Promise<TableDescription> {
  try {
    await client.send(new CreateTableCommand(createTableInput(TABLE)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const deadline = Date.now() + TABLE_ACTIVE_TIMEOUT_MS;
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }));
    if (Table?.TableStatus === 'ACTIVE') return Table;
    if (Date.now() > deadline) {
      throw new DataFolderError(
        `${dataDir}: the table ${TABLE} is ${Table?.TableStatus} instead of ACTIVE, because its creation was interrupted. The table is empty: delete this folder and start again.`,
      );
    }
    await delay(POLL_INTERVAL_MS);
  }
}
