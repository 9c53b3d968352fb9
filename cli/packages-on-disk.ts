import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidPackageError } from '../classifier/errors.ts';
import { type Manifest, readManifest } from '../classifier/manifest.ts';

/**
 * Lists the packages in a folder by name, in alphabetical order. Anything that is not a package is
 * left out. The weights are not checked (`models verify` does that).
 * @param onUnusable called for a package that is left out because it cannot be used: its folder was
 *   renamed, or its manifest is damaged or of a newer format
 */
export async function packagesOnDisk(
  modelsDir: string,
  onUnusable: (error: InvalidPackageError) => void = () => {},
): Promise<Map<string, Manifest>> {
  const entries = await readdir(modelsDir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name);
  const packages = new Map<string, Manifest>();
  for (const name of names.sort()) {
    try {
      packages.set(name, await readManifest(join(modelsDir, name)));
    } catch (error) {
      if (!(error instanceof InvalidPackageError)) throw error;
      if (error.faults.some(({ code }) => code !== 'no-manifest')) onUnusable(error);
    }
  }
  return packages;
}
