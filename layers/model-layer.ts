import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE } from '../classifier/manifest.ts';
import { writePrepared } from '../models/hierarchy/prepare-hierarchy.ts';
import { buildOnce } from './build-once.ts';
import { measureTree } from './measure-tree.ts';
import type { PackageOnDisk } from './package-on-disk.ts';
import type { Layer } from './runtime-layer.ts';

/** Folder of the packages in a layer: unpacked, a package is at `/opt/models/<name>`. */
const MODELS_FOLDER = 'models';

const HASH_DIGITS = 16;

/** Part of the name of a layer's folder. It goes up when other files are made for a layer. */
const CONTENTS_VERSION = 3;

/**
 * Builds the layer with one model package, without any other files in the package's folder. Its
 * hierarchy is prepared again, from the text whose checksum was compared.
 * @throws {InvalidHierarchyError} when its hierarchy is not one
 */
export function buildModelLayer({ name, packageDir, manifest, hashes }: PackageOnDisk, cacheDir: string): Layer {
  const key = `${CONTENTS_VERSION}-${hashes[MANIFEST_FILE]?.slice(0, HASH_DIGITS)}`;
  const folder = buildOnce(join(cacheDir, `model-${name}-${key}`), (draft) => {
    const inLayer = join(draft, MODELS_FOLDER, name);
    mkdirSync(inLayer, { recursive: true });
    for (const file of Object.keys(hashes)) copyFileSync(join(packageDir, file), join(inLayer, file));
    writePrepared(inLayer, manifest);
  });
  return { name: `model-${name}`, folder, ...measureTree(folder) };
}
