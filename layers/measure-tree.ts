import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Size and hash of a folder that is uploaded. */
export interface Tree {
  /** Sum of the files' sizes. */
  readonly bytes: number;
  /**
   * SHA-256 over the path and content of every file, in lower-case hex. The same files have the
   * same hash wherever and whenever they were written.
   */
  readonly hash: string;
}

/**
 * Measures a folder. It must contain only folders and files, because Lambda's archives have no
 * links.
 */
export function measureTree(folder: string): Tree {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const path of filesIn(folder)) {
    const content = readFileSync(join(folder, path));
    const digest = createHash('sha256').update(content).digest('hex');
    hash.update(`${path.replaceAll(sep, '/')}\0${content.length}\0${digest}\n`);
    bytes += content.length;
  }
  return { bytes, hash: hash.digest('hex') };
}

/** Lists the paths of all files in a folder, relative to it, sorted by code units. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + (folder.endsWith(sep) ? 0 : 1)))
    .sort((one, other) => (one < other ? -1 : 1));
}
