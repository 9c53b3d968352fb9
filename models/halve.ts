import type { Manifest } from '../classifier/manifest.ts';
import { generatedPictures } from './calibration/pictures.ts';
import { type DeriveOptions, derivePackage } from './package/derive-package.ts';
import { compareWith } from './package/fidelity.ts';
import { writeHalf } from './package/write-half.ts';

/**
 * Makes an fp16 package from an fp32 one, for GPUs. Its `fidelity` is measured on the CPU, which
 * rounds the weights to half precision but computes in float32. So it does not include what a GPU
 * rounds during the computation.
 * @returns the manifest
 * @throws {NotAFloatPackageError | InvalidPackageError} when `package` is not an intact fp32
 *   package
 * @throws {InvalidWeightsError} when a weight is larger than half precision can hold
 * @throws {PackageExistsError | PackageWriteError}
 */
export function halvePackage(options: DeriveOptions): Promise<Manifest> {
  return derivePackage(options, 'fp16', async ({ float, reference, folder }) => {
    const draft = await writeHalf(float, folder);
    const images = await generatedPictures(float.manifest.preprocessing);
    const agreement = await compareWith(reference, folder, draft, images);
    return { ...draft, fidelity: { ...agreement, imageSource: 'generated', calibration: null } };
  });
}
