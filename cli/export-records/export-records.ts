import { type FileHandle, open } from 'node:fs/promises';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StoredRecordError } from '../../functions/records/errors.ts';
import { parseItem } from '../../functions/records/parse-item.ts';
import { imageRecordSchema } from '../../functions/records/record.ts';
import { together } from '../../functions/side-by-side/together.ts';
import { createTurns } from '../../functions/side-by-side/turns.ts';
import { callingServices } from '../deployment/service-error.ts';
import { type Checkpoint, checkpointPath, type Place, removeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { ExportStateError } from './errors.ts';
import { type ScannedPage, scanSegment } from './scan-segment.ts';

export interface ExportRequest {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The file of JSON Lines. */
  readonly output: string;
  /** How far an earlier run was; null for a new export. */
  readonly begun: Checkpoint | null;
  /** Called after each page. `total` is DynamoDB's count of all items, some hours old; or null. */
  readonly onProgress: (items: number, total: number | null) => void;
  /** Called for a record that this version cannot read. It is left out. */
  readonly onUnreadable: (error: StoredRecordError) => void;
  /** See Segment. */
  readonly pageItems?: number | undefined;
}

/** What the file has, and what it lacks, over all runs of the export. */
export type Exported = Pick<Checkpoint, 'records' | 'unreadable'>;

/** Parts of the table that are read at the same time. */
export const SEGMENTS = 8;

const CHECKPOINT_INTERVAL_MS = 2_000;

/**
 * Writes every record of a table as a line of JSON, by a parallel scan. Beside the output a small
 * file says how far it is, until the export is finished: after a crash, the lines that were written
 * since are dropped and read again, so each record is there once.
 * @throws {ServiceRefusedError} when the table cannot be read
 * @throws {ExportStateError} when the output is not the one that was begun
 */
export async function exportRecords(request: ExportRequest): Promise<Exported> {
  const { client, table, output, begun, onProgress, pageItems } = request;
  const state: Checkpoint = begun ?? {
    table,
    places: Array.from({ length: SEGMENTS }, () => null),
    bytes: 0,
    records: 0,
    unreadable: 0,
    items: 0,
  };
  const total = await countItems(client, table);
  // Before the output exists: a file without its progress is taken for a finished one.
  await writeCheckpoint(output, state);
  const file = await openAt(output, state.bytes);
  const writing = createTurns(1);
  const failed = new AbortController();
  let savedAt = performance.now();
  const readSegment = async (place: Place, segment: number): Promise<void> => {
    const segments = state.places.length;
    for await (const page of scanSegment(client, { table, segment, segments, pageItems }, place)) {
      if (failed.signal.aborted) return;
      await writing.take(async () => {
        await appendPage(file, page, segment, state, request);
        if (performance.now() - savedAt < CHECKPOINT_INTERVAL_MS) return;
        await writeCheckpoint(output, state);
        savedAt = performance.now();
      });
      onProgress(state.items, total);
    }
  };
  try {
    await together(
      ...state.places.map((place, segment) =>
        readSegment(place, segment).catch((error: unknown) => {
          failed.abort();
          throw error;
        }),
      ),
    );
  } catch (error) {
    await writeCheckpoint(output, state);
    throw error;
  } finally {
    await file.close();
  }
  await removeCheckpoint(output);
  return { records: state.records, unreadable: state.unreadable };
}

/**
 * Opens the output and drops what was written after its last checkpoint.
 * @throws {ExportStateError} when the output is shorter than that
 */
async function openAt(output: string, bytes: number): Promise<FileHandle> {
  const file = await open(output, 'a');
  const { size } = await file.stat();
  if (size < bytes) {
    await file.close();
    throw new ExportStateError(checkpointPath(output), `says that ${output} has ${bytes} bytes, and it has ${size}`);
  }
  await file.truncate(bytes);
  return file;
}

/** Appends the lines of a page, and then moves the state past it. */
async function appendPage(
  file: FileHandle,
  { items, read, next }: ScannedPage,
  segment: number,
  state: Checkpoint,
  { onUnreadable }: ExportRequest,
): Promise<void> {
  const lines = items.flatMap((item) => {
    try {
      const place = `table item ${String(item['pk'])}`;
      return [`${JSON.stringify(parseItem(imageRecordSchema, item, place, 'a record'))}\n`];
    } catch (error) {
      if (!(error instanceof StoredRecordError)) throw error;
      onUnreadable(error);
      return [];
    }
  });
  const bytes = Buffer.from(lines.join(''));
  await file.appendFile(bytes);
  state.bytes += bytes.length;
  state.records += lines.length;
  state.unreadable += items.length - lines.length;
  state.items += read;
  state.places[segment] = next;
}

async function countItems(client: DynamoDBDocumentClient, table: string): Promise<number | null> {
  const { Table } = await callingServices(['dynamodb:DescribeTable'], () =>
    client.send(new DescribeTableCommand({ TableName: table })),
  );
  return Table?.ItemCount || null;
}
