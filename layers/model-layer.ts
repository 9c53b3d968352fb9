import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { MANIFEST_FILE, readManifest } from '../classifier/manifest.ts';
import { writePrepared } from '../models/hierarchy/prepare-hierarchy.ts';
import { hashFile } from '../models/package/hash-file.ts';
import { buildOnce } from './build-once.ts';
import { measureTree } from './measure-tree.ts';
import { requireIntact } from './require-intact.ts';
import type { Layer } from './runtime-layer.ts';

/** Folder of the packages in a layer: unpacked, a package is at `/opt/models/<name>`. */
const MODELS_FOLDER = 'models';

const HASH_DIGITS = 16;

/** Part of the name of a layer's folder. It goes up when other files are made for a layer. */
const CONTENTS_VERSION = 2;

/**
 * Builds the layer with one model package, without any other files in the package's folder. Its
 * hierarchy is prepared again, from the text whose checksum was compared.
 * @throws {InvalidPackageError} when the package's files are not those of its manifest
 * @throws {InvalidHierarchyError} when its hierarchy is not one
 */
export async function buildModelLayer(packageDir: string, cacheDir: string): Promise<Layer> {
  const manifest = await readManifest(packageDir);
  await requireIntact(packageDir, manifest);
  const name = basename(packageDir);
  const manifestHash = await hashFile(join(packageDir, MANIFEST_FILE));
  const key = `${CONTENTS_VERSION}-${manifestHash.slice(0, HASH_DIGITS)}`;
  const folder = await buildOnce(join(cacheDir, `model-${name}-${key}`), async (draft) => {
    const inLayer = join(draft, MODELS_FOLDER, name);
    mkdirSync(inLayer, { recursive: true });
    for (const file of [MANIFEST_FILE, ...Object.keys(manifest.files)])
      copyFileSync(join(packageDir, file), join(inLayer, file));
    await writePrepared(inLayer, manifest);
  });
  return { name: `model-${name}`, folder, ...measureTree(folder) };
}
