import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HIERARCHY_FILE, type Manifest, type Precision } from '../../classifier/manifest.ts';
import { type ModelSession, openSession } from '../../classifier/session.ts';
import { writePrepared } from '../hierarchy/prepare-hierarchy.ts';
import type { Derived } from './derive-manifest.ts';
import { packageName } from './package-name.ts';
import { type FloatPackage, openFloatPackage } from './read-float-package.ts';
import { recordSelfTest } from './record-self-test.ts';
import { writeManifest } from './write-files.ts';
import { writePackage } from './write-package.ts';

export interface DeriveOptions {
  /** The folder of the fp32 package. */
  readonly package: string;
  /**
   * The package folder to create; missing folders above it are created too. Its name becomes the
   * package's, and ends in `.int8` or `.fp16`.
   */
  readonly out: string;
  /** Whether to replace a package at `out`. Default false. */
  readonly force?: boolean | undefined;
}

export interface Derivation {
  readonly float: FloatPackage;
  /** An open session of `float`, to compare with. */
  readonly reference: ModelSession;
  /** The folder into which graph and weights are written. */
  readonly folder: string;
}

/**
 * Makes a package of another precision: `make` writes its graph and weights and describes them,
 * then the package is run and its manifest written. The package appears at `out` only when it is
 * complete.
 * @throws {InvalidArgumentError} when the name of the folder `out` cannot be the package's
 * @throws {NotAFloatPackageError | InvalidPackageError} when `package` is not an intact fp32
 *   package
 * @throws {PackageExistsError | PackageWriteError}
 */
export async function derivePackage(
  { package: from, out, force = false }: DeriveOptions,
  precision: Exclude<Precision, 'fp32'>,
  make: (derivation: Derivation) => Promise<Derived>,
): Promise<Manifest> {
  const name = packageName(out, precision);
  const float = await openFloatPackage(from);
  try {
    return await writePackage(out, { force }, async (folder) => {
      await copyHierarchy(float, folder);
      const reference = await openSession(float.path, float.manifest);
      try {
        const draft = { ...(await make({ float, reference, folder })), name };
        return await writeManifest(folder, { ...draft, selfTest: await recordSelfTest(folder, draft) });
      } finally {
        await reference.release();
      }
    });
  } finally {
    await float.close();
  }
}

async function copyHierarchy({ path, manifest }: FloatPackage, folder: string): Promise<void> {
  if (manifest.files[HIERARCHY_FILE] === undefined) return;
  await copyFile(join(path, HIERARCHY_FILE), join(folder, HIERARCHY_FILE));
  writePrepared(folder, manifest);
}
