import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { OutputExistsError } from './errors.ts';

/** A file that appears under its name once it is complete. */
export interface WholeFile {
  /** Writes values as lines of JSON, and waits while the disk is slower. */
  write(values: Iterable<unknown>): Promise<void>;
  /** Gives the file its name. */
  finish(): Promise<void>;
  /** Removes what was written. Does nothing after `finish`. */
  abandon(): void;
}

/** Lines that are written together. */
const BATCH_CHARACTERS = 100_000;

/**
 * Opens a file of JSON Lines, under a temporary name in the folder of `path`. Ctrl-C removes it.
 * @param force whether to replace a file of that name, once this one is complete
 * @throws {OutputExistsError} when there is such a file, and `force` is false
 */
export async function openWhole(path: string, force: boolean): Promise<WholeFile> {
  if (!force && (await stat(path).catch(() => null)) !== null) throw new OutputExistsError(path);
  const temporary = `${path}.${process.pid}.part`;
  const stream = createWriteStream(temporary);
  await once(stream, 'open');
  const abandon = (): void => {
    process.off('exit', abandon);
    stream.destroy();
    rmSync(temporary, { force: true });
  };
  process.once('exit', abandon);
  const put = async (text: string): Promise<void> => {
    if (!stream.write(text)) await once(stream, 'drain');
  };
  return {
    abandon,
    async write(values) {
      let text = '';
      for (const value of values) {
        text += `${JSON.stringify(value)}\n`;
        if (text.length < BATCH_CHARACTERS) continue;
        await put(text);
        text = '';
      }
      if (text !== '') await put(text);
    },
    async finish() {
      stream.end();
      await finished(stream);
      await rename(temporary, path);
      process.off('exit', abandon);
    },
  };
}
