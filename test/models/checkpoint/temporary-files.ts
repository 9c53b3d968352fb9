import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checkpoint } from '../../../models/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../models/checkpoint/read.ts';

export interface TemporaryFiles {
  /** The folder, which is removed after the last test of the file. */
  readonly folder: string;
  /** Writes these bytes into a file, over the last one, and returns its path. */
  write(bytes: Uint8Array): Promise<string>;
  /** Opens a checkpoint of these bytes, which is closed after the last test. */
  open(bytes: Uint8Array): Promise<Checkpoint>;
  /** Returns what opening a checkpoint with these bytes throws; undefined when it opens. */
  openingError(bytes: Uint8Array): Promise<unknown>;
}

/** Creates a temporary folder for a test file. Call it at the top of the file. */
export function useTemporaryFiles(): TemporaryFiles {
  let folder = '';
  let count = 0;
  const opened: Checkpoint[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-checkpoint-'));
  });
  afterAll(async () => {
    await Promise.all(opened.map((checkpoint) => checkpoint.close()));
    await rm(folder, { recursive: true });
  });
  const write = async (bytes: Uint8Array, name = 'checkpoint'): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  return {
    get folder() {
      return folder;
    },
    write,
    open: async (bytes) => {
      // Each file has its own name, because it stays open while later ones are written.
      const checkpoint = await openCheckpoint(await write(bytes, `opened-${count++}`));
      opened.push(checkpoint);
      return checkpoint;
    },
    openingError: async (bytes) => {
      try {
        await (await openCheckpoint(await write(bytes))).close();
        return undefined;
      } catch (error) {
        return error;
      }
    },
  };
}

/** Returns all elements of a checkpoint's tensors by name. */
export async function elementsOf(checkpoint: Checkpoint): Promise<Record<string, number[]>> {
  const elements: Record<string, number[]> = {};
  for (const [name, tensor] of checkpoint.tensors) elements[name] = [...(await tensor.read())];
  return elements;
}
