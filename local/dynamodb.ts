import { hasOurIndexes, rebuildTable, settleRebuild } from './rebuild-table.ts';
import { type LocalDynamoDb, serveDynamoDb } from './serve-dynamodb.ts';

export interface DynamoDbOptions {
  /** Folder that keeps the data. It is created if it is missing. */
  readonly dataDir: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Called before a table of an earlier version gets an index, which may take minutes. */
  readonly onRebuild?: () => void;
}

/**
 * Starts DynamoDB with our table, and keeps the data in a folder. A table of an earlier version
 * gets the indexes that it lacks.
 * @throws {PortTakenError}
 * @throws {DataFolderError} when the folder holds a table whose creation was interrupted
 */
export async function startDynamoDb({ dataDir, port = 0, onRebuild }: DynamoDbOptions): Promise<LocalDynamoDb> {
  await settleRebuild(dataDir);
  const found = await serveDynamoDb(dataDir, port);
  if (hasOurIndexes(found.table)) return found;
  await found.close();
  onRebuild?.();
  await rebuildTable(dataDir);
  return serveDynamoDb(dataDir, port);
}
