import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MANIFEST_FILE, readManifest } from '../classifier/manifest.ts';
import { hashFile } from '../models/package/hash-file.ts';
import { buildOnce } from './build-once.ts';
import { measureTree } from './measure-tree.ts';
import { requireIntact } from './require-intact.ts';
import type { Layer } from './runtime-layer.ts';

/** Folder of the packages in a layer: unpacked, a package is at `/opt/models/<name>`. */
const MODELS_FOLDER = 'models';

const HASH_DIGITS = 16;

/**
 * Builds the layer with one model package, without any other files in the package's folder.
 * @throws {InvalidPackageError} when the package's files are not those of its manifest
 */
export async function buildModelLayer(packageDir: string, cacheDir: string): Promise<Layer> {
  const manifest = await readManifest(packageDir);
  await requireIntact(packageDir, manifest);
  const name = basename(packageDir);
  const manifestHash = await hashFile(join(packageDir, MANIFEST_FILE));
  const folder = await buildOnce(join(cacheDir, `model-${name}-${manifestHash.slice(0, HASH_DIGITS)}`), (draft) => {
    const inLayer = join(draft, MODELS_FOLDER, name);
    mkdirSync(inLayer, { recursive: true });
    for (const file of [MANIFEST_FILE, ...Object.keys(manifest.files)])
      copyFileSync(join(packageDir, file), join(inLayer, file));
  });
  return { name: `model-${name}`, folder, ...measureTree(folder) };
}
