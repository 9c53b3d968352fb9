import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidHierarchyError, InvalidPackageError, type PackageFault } from '../errors.ts';
import { HIERARCHY_FILE, type Manifest, PREPARED_HIERARCHY_FILE } from '../manifest.ts';
import { messageOf } from '../message-of.ts';
import { type Hierarchy, MAX_HIERARCHY_BYTES, parseHierarchy } from './hierarchy.ts';
import { openPrepared } from './prepared-hierarchy.ts';

/**
 * Returns a package's hierarchy, the same one at each call. One that is not prepared is parsed at
 * the first call.
 * @throws {InvalidPackageError} when it is not a hierarchy of the package's classes
 */
export type LazyHierarchy = () => Hierarchy;

/**
 * Reads the hierarchy of a package: from its prepared form where the package has one that belongs
 * to it, else by parsing and checking all of it with the first answer, so that opening a package
 * takes no longer. Like those of graph and weights, its checksum is no fault here: that is the job
 * of `models verify`. The files are read synchronously: they are small, and waiting for a thread to
 * read them takes longer.
 * @returns null when the manifest lists none
 * @throws {InvalidPackageError} when the file is missing, too large, or of another size
 */
export async function readHierarchy(
  packageDir: string,
  { files, labels }: Pick<Manifest, 'files' | 'labels'>,
): Promise<LazyHierarchy | null> {
  const listed = files[HIERARCHY_FILE];
  if (listed === undefined) return null;
  const path = join(packageDir, HIERARCHY_FILE);
  const fail = (code: PackageFault['code'], message: string, cause?: unknown) =>
    new InvalidPackageError(packageDir, [{ code, message }], cause);
  if (listed.bytes > MAX_HIERARCHY_BYTES)
    throw fail('hierarchy', `${HIERARCHY_FILE} has ${listed.bytes} bytes; the limit is ${MAX_HIERARCHY_BYTES}`);
  const orMissing = <T>(read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      throw fail('no-file', `${HIERARCHY_FILE} is missing or cannot be read: ${messageOf(cause)}`, cause);
    }
  };
  const { size } = orMissing(() => statSync(path));
  if (size !== listed.bytes)
    throw fail('file-size', `${HIERARCHY_FILE} has ${size} bytes, but the manifest says ${listed.bytes}`);
  const parse = (json: Buffer) => {
    try {
      return parseHierarchy(json.toString(), labels, HIERARCHY_FILE);
    } catch (error) {
      if (error instanceof InvalidHierarchyError) throw fail('hierarchy', error.fault, error);
      throw error;
    }
  };
  const prepared = readPrepared(join(packageDir, PREPARED_HIERARCHY_FILE));
  const opened =
    prepared &&
    openPrepared(prepared, {
      sha256: listed.sha256,
      labels,
      readNodes() {
        const json = orMissing(() => readFileSync(path));
        const sha256 = createHash('sha256').update(json).digest('hex');
        if (sha256 === listed.sha256) return parse(json).allNodes();
        const message = `${HIERARCHY_FILE} has the SHA-256 ${sha256}, but the manifest and ${PREPARED_HIERARCHY_FILE} say ${listed.sha256}; make the package again`;
        throw fail('hierarchy', message);
      },
      fail: (message) => fail('hierarchy', `${PREPARED_HIERARCHY_FILE}: ${message}`),
    });
  if (opened) return () => opened;
  const json = orMissing(() => readFileSync(path));
  let parsed: Hierarchy | null = null;
  return () => {
    parsed ??= parse(json);
    return parsed;
  };
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
