import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keepByContent } from '../../layers/keep-by-content.ts';
import type { Tree } from '../../layers/measure-tree.ts';
import { buildPage } from '../../web/delivery/build-page.ts';

/** Writes the files of the page to a folder of the cache, as they will lie in the bucket. */
export async function buildPageFolder(cacheDir: string): Promise<Tree & { readonly folder: string }> {
  const files = await buildPage();
  return keepByContent('page', cacheDir, (draft) => {
    for (const { path, body } of files) {
      mkdirSync(dirname(join(draft, path)), { recursive: true });
      writeFileSync(join(draft, path), body);
    }
  });
}
