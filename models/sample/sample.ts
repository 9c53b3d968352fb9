import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { type Manifest, readManifest } from '../../classifier/manifest.ts';
import { convertCheckpoint } from '../convert.ts';
import { hashFile } from '../package/hash-file.ts';

export const SAMPLE_NAME = 'sample';

/** A ResNet-18 of quarter width that knows drawn pictures of 32 of ImageNet's classes. */
export const SAMPLE_CHECKPOINT = fileURLToPath(new URL('sample.pth', import.meta.url));

/** Drawn and trained for this project: under the code's licence (NOTICE). */
const SAMPLE_LICENSE = 'Apache-2.0';

/**
 * The sample model's package, `<modelsDir>/sample`: converted (half a second) unless it is there,
 * whole, and from the checkpoint that comes with this version. Several processes may ask at once.
 * @returns the package folder
 * @throws {PackageExistsError} when something else than a package has that name
 * @throws {PackageWriteError} when the folder cannot be written
 */
export async function ensureSamplePackage(modelsDir: string): Promise<string> {
  const packageDir = join(modelsDir, SAMPLE_NAME);
  const sha256 = await hashFile(SAMPLE_CHECKPOINT);
  if (await isWhole(packageDir, sha256)) return packageDir;
  const isThere = (await stat(packageDir).catch(() => null)) !== null;
  try {
    await convertCheckpoint({
      checkpoint: SAMPLE_CHECKPOINT,
      out: packageDir,
      name: SAMPLE_NAME,
      license: SAMPLE_LICENSE,
      // Only what is damaged or of another version is replaced: not what another process makes
      // right now.
      force: isThere,
    });
  } catch (error) {
    // Another process that converted it at the same time was faster.
    if (!(error instanceof AutoSwiftNetError) || !(await isWhole(packageDir, sha256))) throw error;
  }
  return packageDir;
}

async function isWhole(packageDir: string, sourceSha256: string): Promise<boolean> {
  const manifest = await readManifest(packageDir).catch((error: unknown) => {
    if (error instanceof AutoSwiftNetError) return null;
    throw error;
  });
  return manifest?.source.sha256 === sourceSha256 && (await hasFiles(packageDir, manifest));
}

/** The package is 3 MB: its checksums take 5 ms. */
async function hasFiles(packageDir: string, { files }: Manifest): Promise<boolean> {
  for (const [name, expected] of Object.entries(files)) {
    const path = join(packageDir, name);
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    );
    if (size !== expected.bytes || (await hashFile(path)) !== expected.sha256) return false;
  }
  return true;
}
