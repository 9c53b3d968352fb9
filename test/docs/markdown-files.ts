import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders whose pages people read, and the root's own pages. */
const FOLDERS = ['docs', '.github', 'models/sample', 'test/fixtures', 'bench'];

/** Every page of the repository, relative to its root. */
export function markdownFiles(): string[] {
  const ofRoot = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  return [...ofRoot, ...FOLDERS.flatMap(markdownUnder)].sort();
}

export function readPage(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function markdownUnder(folder: string): string[] {
  try {
    return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.split('/').includes('node_modules'))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}
