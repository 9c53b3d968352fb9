import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { errorCode } from '../../error-code.ts';
import { DamagedStoreError } from '../errors.ts';

/** Suffix of files that are not complete yet. Such files are deleted at the start. */
export const TEMPORARY_SUFFIX = '.tmp';

/** Replaces a file in one step. Readers find the old text or the new text, even after a crash. */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}${TEMPORARY_SUFFIX}`;
  try {
    const file = await openForWriting(temporary);
    try {
      await file.writeFile(JSON.stringify(value));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Reads a JSON file.
 * @throws DamagedStoreError when it is not JSON that fits the schema
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return parseJson(path, await readFile(path, 'utf8'), schema);
}

/** Reads a JSON file like `readJsonFile`, at once: a small one, in the middle of other work. */
export function readJsonFileSync<T>(path: string, schema: z.ZodType<T>): T {
  return parseJson(path, readFileSync(path, 'utf8'), schema);
}

function parseJson<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new DamagedStoreError(path, 'it is not JSON', error);
    throw error;
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const [fault] = result.error.issues;
    throw new DamagedStoreError(
      path,
      `${fault?.path.join('.') ?? ''}: ${fault?.message ?? 'unexpected'}`,
      result.error,
    );
  }
  return result.data;
}

/** Opens a new file, and creates its folder only if that is missing. */
export async function openForWriting(path: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'wx');
  }
}

/** Tells whether the error says that the file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}
