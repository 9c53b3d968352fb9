import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GRAPH_FILE, HIERARCHY_FILE, MANIFEST_FILE, readManifestFile, WEIGHTS_FILE } from '../classifier/manifest.ts';

/**
 * Makes a package of format 1, which has no concepts and does not say what the model knows, out of
 * a newer one. Earlier bundles read no other format.
 * @returns its path, below `folder`
 */
export async function inFirstFormat(packageDir: string, folder: string): Promise<string> {
  const { files, knows: _, ...manifest } = await readManifestFile(packageDir);
  const { [HIERARCHY_FILE]: _left, ...kept } = files;
  const out = join(folder, 'format-1', basename(packageDir));
  await mkdir(out, { recursive: true });
  await writeFile(join(out, MANIFEST_FILE), JSON.stringify({ ...manifest, files: kept, formatVersion: 1 }));
  await Promise.all([GRAPH_FILE, WEIGHTS_FILE].map((name) => symlink(join(packageDir, name), join(out, name))));
  return out;
}
