import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { ExportStateError } from './errors.ts';

/** Where one segment of the scan goes on: `null` at its beginning, `'end'` when it is finished. */
export type Place = z.output<typeof placeSchema>;

/** How far an export is. */
export type Checkpoint = z.output<typeof checkpointSchema>;

const placeSchema = z.union([z.null(), z.literal('end'), z.object({ pk: z.string(), sk: z.string() })]);

const checkpointSchema = z.object({
  table: z.string(),
  /** One place for each segment of the scan. */
  places: z.array(placeSchema).min(1),
  /** Length of the output. What follows was written later, and is read from the table again. */
  bytes: z.int().nonnegative(),
  records: z.int().nonnegative(),
  /** Records that could not be read, and are left out. Progress of an earlier version lacks it. */
  unreadable: z.int().nonnegative().default(0),
  /** Items that were read: records, and the rest of the table. */
  items: z.int().nonnegative(),
});

/** Returns the path of the file that says how far the export into `output` is. */
export function checkpointPath(output: string): string {
  return `${output}.progress`;
}

/**
 * Reads how far an export is; null if none was begun.
 * @throws {ExportStateError} when the file is of another table, or damaged
 */
export async function readCheckpoint(output: string, table: string): Promise<Checkpoint | null> {
  const path = checkpointPath(output);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const checkpoint = parse(text);
  if (checkpoint === null) throw new ExportStateError(path, 'is not the progress of an export');
  if (checkpoint.table !== table) {
    throw new ExportStateError(path, `is the progress of an export of the table ${checkpoint.table}, not ${table}`);
  }
  return checkpoint;
}

/** Replaces the file in one step, so that a crash leaves the old or the new one. */
export async function writeCheckpoint(output: string, checkpoint: Checkpoint): Promise<void> {
  const path = checkpointPath(output);
  await writeFile(`${path}.part`, JSON.stringify(checkpoint));
  await rename(`${path}.part`, path);
}

export async function removeCheckpoint(output: string): Promise<void> {
  await rm(checkpointPath(output), { force: true });
}

function parse(text: string): Checkpoint | null {
  try {
    return checkpointSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
