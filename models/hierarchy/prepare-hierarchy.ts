import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHierarchy } from '../../classifier/concepts/hierarchy.ts';
import { encodePrepared } from '../../classifier/concepts/prepared-hierarchy.ts';
import { HIERARCHY_FILE, type Manifest, PREPARED_HIERARCHY_FILE } from '../../classifier/manifest.ts';
import { formatNodes } from './format-nodes.ts';

/**
 * Prepares the hierarchy of a package, so that a process has it without parsing all of its text:
 * in a cold start, that takes longer than all other work on the answer after the network.
 * @returns null when the package lists none, or when its text is not as formatNodes makes it; such
 *   a text can only be parsed
 * @throws {InvalidHierarchyError} when it is not a hierarchy of the classes
 */
export function prepareHierarchy(
  packageDir: string,
  { files, labels }: Pick<Manifest, 'files' | 'labels'>,
): Buffer | null {
  const listed = files[HIERARCHY_FILE];
  if (listed === undefined) return null;
  const text = readFileSync(join(packageDir, HIERARCHY_FILE), 'utf8');
  const hierarchy = parseHierarchy(text, labels, HIERARCHY_FILE);
  const nodes = hierarchy.allNodes();
  if (formatNodes(nodes) !== text) return null;
  return encodePrepared(hierarchy, findStarts(text, nodes.length), { sha256: listed.sha256, labels });
}

/** Writes the prepared hierarchy beside the other files of a package, if it has one. */
export function writePrepared(folder: string, manifest: Pick<Manifest, 'files' | 'labels'>): void {
  const prepared = prepareHierarchy(folder, manifest);
  if (prepared !== null) writeFileSync(join(folder, PREPARED_HIERARCHY_FILE), prepared);
}

/** Finds where each node begins, in bytes, and where another one would after a comma. */
function findStarts(text: string, nodes: number): number[] {
  const starts: number[] = [];
  let at = Buffer.byteLength('[\n');
  for (const line of text.split('\n').slice(1, nodes + 1)) {
    starts.push(at);
    at += Buffer.byteLength(line) + 1;
  }
  return [...starts, at + 1];
}
