import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidHierarchyError, InvalidPackageError, type PackageFault } from '../errors.ts';
import { HIERARCHY_FILE, type Manifest } from '../manifest.ts';
import { messageOf } from '../message-of.ts';
import { type Hierarchy, MAX_HIERARCHY_BYTES, parseHierarchy } from './hierarchy.ts';

/**
 * Parses a package's hierarchy when it is first called, and returns the same one afterwards.
 * @throws {InvalidPackageError} when it is not a hierarchy of the package's classes
 */
export type LazyHierarchy = () => Hierarchy;

/**
 * Reads the hierarchy of a package. It is parsed with the first answer, so that opening a package
 * takes no longer. Like those of graph and weights, its checksum is not compared: that is the job
 * of `models verify`.
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
  const bytes = await readFile(join(packageDir, HIERARCHY_FILE)).catch((cause: unknown) => {
    throw fail(
      { code: 'no-file', message: `${HIERARCHY_FILE} is missing or cannot be read: ${messageOf(cause)}` },
      cause,
    );
  });
  if (bytes.length !== listed.bytes) {
    throw fail({
      code: 'file-size',
      message: `${HIERARCHY_FILE} has ${bytes.length} bytes, but the manifest says ${listed.bytes}`,
    });
  }
  let parsed: Hierarchy | null = null;
  return () => {
    try {
      parsed ??= parseHierarchy(bytes.toString(), labels, HIERARCHY_FILE);
      return parsed;
    } catch (error) {
      if (error instanceof InvalidHierarchyError) throw fail({ code: 'hierarchy', message: error.fault }, error);
      throw error;
    }
  };
}
