import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHierarchy } from '../../classifier/concepts/hierarchy.ts';
import { encodePrepared } from '../../classifier/concepts/prepared-hierarchy.ts';
import { HIERARCHY_FILE, type Manifest, PREPARED_HIERARCHY_FILE } from '../../classifier/manifest.ts';

/**
 * Prepares the hierarchy of a package, so that a process has it without parsing its text: in a cold
 * start, that takes longer than all other work on the answer after the network.
 * @returns null when the package lists none, or when a name in it has no UTF-8; such a text can
 *   only be parsed
 * @throws {InvalidHierarchyError} when it is not a hierarchy of the classes
 */
export function prepareHierarchy(
  packageDir: string,
  { files, labels }: Pick<Manifest, 'files' | 'labels'>,
): Buffer | null {
  const listed = files[HIERARCHY_FILE];
  if (listed === undefined) return null;
  const text = readFileSync(join(packageDir, HIERARCHY_FILE), 'utf8');
  return encodePrepared(parseHierarchy(text, labels, HIERARCHY_FILE), { sha256: listed.sha256, labels });
}

/** Writes the prepared hierarchy beside the other files of a package, if it has one. */
export function writePrepared(folder: string, manifest: Pick<Manifest, 'files' | 'labels'>): void {
  const prepared = prepareHierarchy(folder, manifest);
  if (prepared !== null) writeFileSync(join(folder, PREPARED_HIERARCHY_FILE), prepared);
}
