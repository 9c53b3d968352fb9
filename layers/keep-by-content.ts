import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnce } from './build-once.ts';
import { measureTree, type Tree } from './measure-tree.ts';

const HASH_DIGITS = 16;

/**
 * Keeps a folder in the cache under the hash of its content, so the same content is the same
 * folder.
 */
export function keepByContent(
  name: string,
  cacheDir: string,
  fill: (draft: string) => void,
): Tree & { readonly folder: string } {
  mkdirSync(cacheDir, { recursive: true });
  const draft = mkdtempSync(join(cacheDir, '.content-'));
  try {
    fill(draft);
    const tree = measureTree(draft);
    const folder = join(cacheDir, `${name}-${tree.hash.slice(0, HASH_DIGITS)}`);
    buildOnce(folder, (target) => cpSync(draft, target, { recursive: true }));
    return { folder, ...tree };
  } finally {
    rmSync(draft, { recursive: true });
  }
}
