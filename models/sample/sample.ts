import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { HIERARCHY_FILE, type Manifest, readManifest } from '../../classifier/manifest.ts';
import { convertCheckpoint } from '../convert.ts';
import { hashFile } from '../package/hash-file.ts';

export const SAMPLE_NAME = 'sample';

/**
 * The checkpoint of a ResNet-18 of quarter width that knows drawn pictures of 32 ImageNet classes.
 */
export const SAMPLE_CHECKPOINT = fileURLToPath(new URL('sample.pth', import.meta.url));

/**
 * The pictures were drawn and the model trained for this project, so the code's licence applies
 * (NOTICE).
 */
const SAMPLE_LICENSE = 'Apache-2.0';

/** Only 32 of its 1,000 outputs were trained. */
const SAMPLE_KNOWS = { pictures: 'drawings', things: 32 } as const;

/**
 * Makes the sample model's package, `<modelsDir>/sample`, which takes half a second. It does
 * nothing when the package is already there, complete, and made by this version from its
 * checkpoint. Several processes may call it at the same time.
 * @returns the package folder
 * @throws {PackageExistsError} when something that is not a package has this name
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
      knows: SAMPLE_KNOWS,
      // Only a damaged package, or one of another version, is replaced; never one that another
      // process is writing at the moment.
      force: isThere,
    });
  } catch (error) {
    // Another process converted it at the same time and was faster.
    if (!(error instanceof AutoSwiftNetError) || !(await isWhole(packageDir, sha256))) throw error;
  }
  return packageDir;
}

async function isWhole(packageDir: string, sourceSha256: string): Promise<boolean> {
  const manifest = await readManifest(packageDir).catch((error: unknown) => {
    if (error instanceof AutoSwiftNetError) return null;
    throw error;
  });
  const isCurrent =
    manifest?.source.sha256 === sourceSha256 &&
    manifest.files[HIERARCHY_FILE] !== undefined &&
    manifest.knows !== undefined;
  return isCurrent && (await hasFiles(packageDir, manifest));
}

/** Checks the files. The package has 3 MB, so its checksums take 5 ms. */
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
