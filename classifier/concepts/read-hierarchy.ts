import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidHierarchyError, InvalidPackageError, type PackageFault } from '../errors.ts';
import { HIERARCHY_FILE, type Manifest, PREPARED_HIERARCHY_FILE } from '../manifest.ts';
import { messageOf } from '../message-of.ts';
import { type Hierarchy, MAX_HIERARCHY_BYTES, parseHierarchy } from './hierarchy.ts';
import { openPrepared } from './prepared-hierarchy.ts';

/**
 * Opens a package's hierarchy when it is first called, and returns the same one afterwards.
 * @throws {InvalidPackageError} when it is not a hierarchy of the package's classes
 */
export type LazyHierarchy = () => Hierarchy;

/**
 * Reads the hierarchy of a package. It is opened with the first answer, so that opening a package
 * takes no longer: from its prepared form where the package has one that belongs to it, else by
 * parsing and checking all of it. Like those of graph and weights, its checksum is no fault here:
 * that is the job of `models verify`. The files are read synchronously: they are small, and waiting
 * for a thread to read them takes longer.
 * @returns null when the manifest lists none
 * @throws {InvalidPackageError} when the file is missing, too large, or of another size
 */
export async function readHierarchy(
  packageDir: string,
  { files, labels }: Pick<Manifest, 'files' | 'labels'>,
): Promise<LazyHierarchy | null> {
  const listed = files[HIERARCHY_FILE];
  if (listed === undefined) return null;
  const fail = (fault: PackageFault, cause?: unknown) => new InvalidPackageError(packageDir, [fault], cause);
  if (listed.bytes > MAX_HIERARCHY_BYTES) {
    throw fail({
      code: 'hierarchy',
      message: `${HIERARCHY_FILE} has ${listed.bytes} bytes; the limit is ${MAX_HIERARCHY_BYTES}`,
    });
  }
  const json = readListed(join(packageDir, HIERARCHY_FILE), fail);
  if (json.length !== listed.bytes) {
    throw fail({
      code: 'file-size',
      message: `${HIERARCHY_FILE} has ${json.length} bytes, but the manifest says ${listed.bytes}`,
    });
  }
  const parse = () => {
    try {
      return parseHierarchy(json.toString(), labels, HIERARCHY_FILE);
    } catch (error) {
      if (error instanceof InvalidHierarchyError) throw fail({ code: 'hierarchy', message: error.fault }, error);
      throw error;
    }
  };
  const misplaced = (message: string) => fail({ code: 'hierarchy', message: `${PREPARED_HIERARCHY_FILE}: ${message}` });
  const prepared = readPrepared(join(packageDir, PREPARED_HIERARCHY_FILE));
  let opened: Hierarchy | null = null;
  return () => {
    const origin = { sha256: listed.sha256, labels };
    opened ??= (prepared && openPrepared({ prepared, json }, origin, parse, misplaced)) ?? parse();
    return opened;
  };
}

function readListed(path: string, fail: (fault: PackageFault, cause: unknown) => Error): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const message = `${HIERARCHY_FILE} is missing or cannot be read: ${messageOf(cause)}`;
    throw fail({ code: 'no-file', message }, cause);
  }
}

/** A package without it, or with something else of this name, is no worse: it takes longer. */
function readPrepared(path: string): Buffer | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= MAX_HIERARCHY_BYTES ? readFileSync(path) : null;
  } catch {
    return null;
  }
}
