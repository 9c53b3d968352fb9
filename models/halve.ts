import type { Manifest } from '../functions/classifier/manifest.ts';
import { openSession } from '../functions/classifier/session.ts';
import { generatedPictures } from './calibration/pictures.ts';
import { compareWith } from './fidelity.ts';
import { openFloatPackage } from './package/read-float-package.ts';
import { recordSelfTest } from './package/record-self-test.ts';
import { writeManifest } from './package/write-files.ts';
import { writeHalf } from './package/write-half.ts';
import { writePackage } from './package/write-package.ts';

export interface HalveOptions {
  /** Folder of the fp32 package. */
  readonly package: string;
  /** The package folder to create, folders above it included. */
  readonly out: string;
  /** Replace a package at `out`. Default false. */
  readonly force?: boolean | undefined;
}

/**
 * Makes an fp16 package of an fp32 one, for GPUs. Its `fidelity` is measured on the CPU, which rounds the weights to half precision and
 * computes in float: what a GPU rounds on the way is not in it.
 * @returns the manifest
 * @throws {NotAFloatPackageError | InvalidPackageError} when `package` is none to start from
 * @throws {InvalidWeightsError} when a weight is beyond what half precision holds
 * @throws {PackageExistsError | PackageWriteError}
 */
export async function halvePackage({ package: from, out, force = false }: HalveOptions): Promise<Manifest> {
  const float = await openFloatPackage(from);
  try {
    return await writePackage(out, { force }, async (folder) => {
      const reference = await openSession(float.path, float.manifest);
      try {
        const draft = await writeHalf(float, folder);
        const images = await generatedPictures(float.manifest.preprocessing);
        const agreement = await compareWith(reference, folder, draft, images);
        const described = {
          ...draft,
          fidelity: { ...agreement, imageSource: 'generated' as const, calibration: null },
        };
        return await writeManifest(folder, { ...described, selfTest: await recordSelfTest(folder, described) });
      } finally {
        await reference.release();
      }
    });
  } finally {
    await float.close();
  }
}
