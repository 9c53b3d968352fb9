import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AutoSwiftNetError } from '../../classifier/errors.ts';
import {
  CUDA_GRAPH_FILE,
  GRAPH_FILE,
  HIERARCHY_FILE,
  MANIFEST_FILE,
  PREPARED_HIERARCHY_FILE,
  WEIGHTS_FILE,
} from '../../classifier/manifest.ts';
import { messageOf } from '../../classifier/message-of.ts';
import { PackageExistsError, PackageWriteError } from './errors.ts';
import { removeOnSignal } from './remove-on-signal.ts';

export interface WritePackageOptions {
  /**
   * Whether to replace an existing package. Default false. Anything that is not a package is never
   * replaced.
   */
  readonly force?: boolean;
}

/** All files of a package. */
const PACKAGE_FILES: ReadonlySet<string> = new Set([
  MANIFEST_FILE,
  GRAPH_FILE,
  CUDA_GRAPH_FILE,
  WEIGHTS_FILE,
  HIERARCHY_FILE,
  PREPARED_HIERARCHY_FILE,
]);

/**
 * Makes a package folder in one step: `fill` writes into a hidden folder beside it, which is
 * renamed when everything is on the disk. After an error or a signal the hidden folder is removed,
 * and what existed before is still there.
 * @returns what `fill` returned
 * @throws {PackageExistsError} when the name is taken; with `force`, when it is not a package that
 *   has the name
 * @throws {PackageWriteError} when the package cannot be written to disk
 */
export async function writePackage<T>(
  out: string,
  { force = false }: WritePackageOptions,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const target = resolve(out);
  requireReplaceable(target, force);
  const partial = join(dirname(target), partialName(basename(target)));
  const withdraw = removeOnSignal(partial);
  try {
    mkdirSync(dirname(target), { recursive: true });
    mkdirSync(partial);
    const result = await fill(partial);
    for (const file of readdirSync(partial)) await sync(join(partial, file));
    await sync(partial);
    putInPlace(partial, target, force);
    await sync(dirname(target));
    return result;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (error instanceof AutoSwiftNetError || !isSystemError(error)) throw error;
    throw new PackageWriteError(
      `${out} cannot be written: ${error.message}. Check the free space and the permissions there, or choose another folder.`,
      error,
    );
  } finally {
    withdraw();
  }
}

/**
 * Returns the name of the hidden folder: unique, and short enough for a file system that accepts
 * the name itself.
 */
function partialName(name: string): string {
  return `.${name.slice(0, 40)}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/**
 * Renames synchronously, so that no signal is handled in between: the old package is removed only
 * when the new one is in place.
 */
function putInPlace(partial: string, target: string, force: boolean): void {
  requireReplaceable(target, force);
  if (!force || !entry(target)) {
    renameNew(partial, target);
    return;
  }
  const replaced = `${partial}-replaced`;
  renameSync(target, replaced);
  try {
    renameSync(partial, target);
  } catch (error) {
    renameSync(replaced, target);
    throw error;
  }
  rmSync(replaced, { recursive: true, force: true });
}

function renameNew(partial: string, target: string): void {
  try {
    renameSync(partial, target);
  } catch (error) {
    if (!isSystemError(error) || !['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(error.code ?? '')) throw error;
    throw new PackageExistsError(
      `another process created ${target} in the meantime, so nothing was replaced. Use that package, or choose another folder.`,
      error,
    );
  }
}

function requireReplaceable(target: string, force: boolean): void {
  const found = entry(target);
  if (!found) return;
  if (!force) {
    throw new PackageExistsError(
      `${target} already exists. Choose another folder, or replace the package there with --force.`,
    );
  }
  const files = found.isDirectory() ? readdirSync(target) : null;
  if (files === null || !files.every((file) => PACKAGE_FILES.has(file))) {
    throw new PackageExistsError(
      `${target} ${files === null ? 'is not a folder' : 'contains files that do not belong to a model package'}, so it is not replaced, not even with --force. Choose another folder.`,
    );
  }
}

function entry(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new PackageWriteError(
      `${path} cannot be accessed (${messageOf(error)}). Check its permissions, or choose another folder.`,
      error,
    );
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Recognises an error of the system by its fields: only Node's own errors name a system call. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
}
