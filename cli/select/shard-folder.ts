import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OutputExistsError } from '../json-lines/errors.ts';
import { openWhole } from '../json-lines/write-whole.ts';
import { isListName, type ShardList } from './shard-lists.ts';

/** A folder that holds the lists of one selection, and no list of an earlier one. */
export interface ShardFolder {
  /** Writes the lists, and removes those of an earlier selection that have other names. */
  write(lists: Iterable<ShardList>): Promise<void>;
}

/**
 * Makes the folder if there is none. Loaders read all lists of a folder, so a list that stays from
 * an earlier selection would be trained on.
 * @param force whether to replace the lists that the folder has
 * @throws {OutputExistsError} when the folder has lists, and `force` is false
 */
export async function openShardFolder(folder: string, force: boolean): Promise<ShardFolder> {
  await mkdir(folder, { recursive: true });
  const earlier = new Set((await readdir(folder)).filter(isListName));
  const [first] = [...earlier].sort();
  if (first !== undefined && !force) throw new OutputExistsError(join(folder, first));
  return {
    async write(lists) {
      for (const { name, samples } of lists) {
        await writeList(join(folder, name), samples, force);
        earlier.delete(name);
      }
      for (const name of earlier) await rm(join(folder, name), { force: true });
    },
  };
}

async function writeList(path: string, samples: readonly unknown[], force: boolean): Promise<void> {
  const list = await openWhole(path, force);
  try {
    await list.write(samples);
    await list.finish();
  } finally {
    list.abandon();
  }
}
