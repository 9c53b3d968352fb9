import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HierarchyNode, MAX_HIERARCHY_BYTES, parseHierarchy } from '../../classifier/concepts/hierarchy.ts';
import { nodeFault } from '../../classifier/concepts/node-fault.ts';
import { InvalidHierarchyError } from '../../classifier/errors.ts';
import { type ClassLabel, HIERARCHY_FILE, type Manifest } from '../../classifier/manifest.ts';
import { readUpTo } from '../read-up-to.ts';
import { whyUnreadable } from '../why-unreadable.ts';
import { formatNodes } from './format-nodes.ts';
import { sortNodes } from './sort-nodes.ts';

/** The concepts of WordNet 3.0 above ImageNet's classes, by scripts/imagenet-hierarchy.ts. */
export const IMAGENET_HIERARCHY = fileURLToPath(new URL('imagenet1k.json', import.meta.url));

/** The text of a package's hierarchy, or null for a package without one. */
export type HierarchyText = string | null;

/**
 * Returns the hierarchy that belongs to a model's classes.
 * @param file a JSON array of nodes in any order. Default: ImageNet's hierarchy if every class has
 *   a WordNet id that it knows, else none
 * @throws {InvalidHierarchyError} when the file cannot be read, or is not a hierarchy of these
 *   classes
 */
export async function chooseHierarchy(
  file: string | undefined,
  labels: readonly ClassLabel[],
  onWarning: (text: string) => void,
): Promise<HierarchyText> {
  if (file !== undefined) {
    const text = sortText(await readText(file));
    parseHierarchy(text, labels, file);
    return text;
  }
  if (labels.some(({ wnid }) => wnid === null)) return null;
  const text = await readFile(IMAGENET_HIERARCHY, 'utf8');
  try {
    return formatNodes(parseHierarchy(text, labels, "ImageNet's hierarchy").allNodes());
  } catch (error) {
    if (!(error instanceof InvalidHierarchyError)) throw error;
    onWarning(
      'not all classes are among ImageNet’s 1,000, so there are no concepts above them. Give some with --hierarchy FILE.',
    );
    return null;
  }
}

/**
 * Writes `hierarchy.json` into the folder of an unfinished package.
 * @returns its entry in the manifest's `files`
 */
export async function writeHierarchy(
  folder: string,
  text: HierarchyText,
): Promise<Pick<Manifest['files'], typeof HIERARCHY_FILE>> {
  if (text === null) return {};
  const bytes = Buffer.from(text);
  await writeFile(join(folder, HIERARCHY_FILE), bytes, { flag: 'wx' });
  return { [HIERARCHY_FILE]: { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') } };
}

async function readText(file: string): Promise<string> {
  const bytes = await readUpTo(file, MAX_HIERARCHY_BYTES).catch(async (cause: unknown) => {
    throw new InvalidHierarchyError(file, [`it cannot be read: ${await whyUnreadable(file, cause)}`], cause);
  });
  if (bytes === null) {
    throw new InvalidHierarchyError(file, [`it has more bytes than the limit, ${MAX_HIERARCHY_BYTES}`]);
  }
  try {
    // Drops a byte order mark, and fails on bytes that are not UTF-8 instead of replacing them.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidHierarchyError(file, ['it is not text in UTF-8'], cause);
  }
}

/** Puts parents before children. A text that is not an array of nodes is left to the parser. */
function sortText(text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text;
  }
  const isSortable = (nodes: readonly unknown[]): nodes is readonly HierarchyNode[] =>
    nodes.every((node) => nodeFault(node) === null) &&
    new Set(nodes.map((node) => (node as HierarchyNode).id)).size === nodes.length;
  return Array.isArray(json) && isSortable(json) ? formatNodes(sortNodes(json)) : text;
}
