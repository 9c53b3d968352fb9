import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Folder and file names that some client or server has stumbled over. */
const NAMES = [
  'plain',
  'with space',
  ' spaces at both ends ',
  'a+b=c&d',
  '100% sure',
  '%41%2F',
  'what?',
  '#hash;semi:colon',
  "it's",
  '"quoted"',
  '<tag>&amp;',
  '(1) [2] {3}',
  '.hidden',
  '-dash',
  '~tilde@home$!*,',
  'ümläut é',
  'ümlaut é',
  '漢字かな',
  'עברית',
  '🐈‍⬛ 🌼',
  'İıß',
  'x'.repeat(120),
];

/** More than the part of any client here, so that it goes up in parts: s3cmd's have 15 MB. */
const LARGE_BYTES = 17_000_000;

/** Which of the files is the large one. */
export const LARGE_INDEX = 1;

/** Files by their path, with the SHA-256 of their bytes. */
export type Tree = Readonly<Record<string, string>>;

/**
 * Writes files under a folder: nested, with every kind of name, most of them tiny, one empty and
 * one of 17 MB.
 */
export async function writeTree(folder: string, count: number): Promise<Tree> {
  const nameAt = (index: number) => NAMES[index % NAMES.length] ?? '';
  for (let index = 0; index < count; index += 1) {
    const depth = index % 4;
    const folders = Array.from({ length: depth }, (_, level) => nameAt(index * 7 + level * 3));
    const path = join(folder, ...folders, `${nameAt(index)}.${index}`);
    const bytes = index === LARGE_INDEX ? Buffer.alloc(LARGE_BYTES, 'large ') : Buffer.from('tiny '.repeat(index % 50));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  return readTree(folder);
}

export async function readTree(folder: string): Promise<Tree> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const tree: Record<string, string> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    tree[relative(folder, path)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return tree;
}
