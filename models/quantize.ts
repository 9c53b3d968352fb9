import { AutoSwiftNetError } from '../classifier/errors.ts';
import type { Manifest } from '../classifier/manifest.ts';
import { calibrateByBatchNorms, calibrateByImages } from './calibration/choose-ranges.ts';
import type { OnStep } from './calibration/on-step.ts';
import { generatedPictures, readPictures } from './calibration/pictures.ts';
import { type DeriveOptions, derivePackage } from './package/derive-package.ts';
import { type Agreement, compareWith } from './package/fidelity.ts';
import { writeQuantized } from './package/write-quantized.ts';

export interface QuantizeOptions extends DeriveOptions {
  /**
   * A folder of images like those that will be classified. Default: no images; the ranges come from
   * the batch norms.
   */
  readonly images?: string | undefined;
  /**
   * Whether to replace a package at `out`, and to keep the result when it agrees too little with
   * fp32. Default false.
   */
  readonly force?: boolean | undefined;
  /** Receives what the user should know about a run that succeeds. Default: nobody is told. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Called while images are run, after each one. */
  readonly onStep?: OnStep | undefined;
}

/**
 * The int8 package answers too many of the user's own images differently from the fp32 one. Nothing
 * was written.
 */
export class LowFidelityError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'low-fidelity', status: 422 });
  }
}

/**
 * The smallest share of the user's own images for which both packages must give the same best
 * class.
 */
export const MIN_TOP1_AGREEMENT = 0.98;

/**
 * Below this share of the same best class, a package that is kept anyway is warned of. Generated
 * images are harder than photographs, so for them it is lower: the sample model reaches 98% and
 * the tests' trained ResNeXt 97%.
 */
const WARNED_AGREEMENT = { own: MIN_TOP1_AGREEMENT, generated: 0.9 } as const;

/**
 * Makes an int8 package from an fp32 one: weights have 7 bits and activations 8, with ranges from
 * images or, without images, from the batch norms. Then it is compared with the fp32 package on
 * images that it was not calibrated with.
 * @returns the manifest, including `fidelity`
 * @throws {NotAFloatPackageError | InvalidPackageError} when `package` is not an intact fp32
 *   package
 * @throws {TooFewImagesError} when `images` has fewer than two images
 * @throws {LowFidelityError} below 98% agreement on the user's own images, unless forced
 * @throws {PackageExistsError | PackageWriteError}
 * @example
 * const { fidelity } = await quantizePackage({
 *   package: 'models/cache/sample',
 *   out: 'models/cache/sample.int8',
 * });
 * // { top1Agreement: 1, top5Overlap: 0.95, …, images: 96, imageSource: 'generated',
 * //   calibration: 'batch norms' }
 */
export function quantizePackage(options: QuantizeOptions): Promise<Manifest> {
  const { images, force = false, onWarning = () => {}, onStep = () => {} } = options;
  return derivePackage(options, 'int8', async ({ float, reference, folder }) => {
    const { preprocessing } = float.manifest;
    const pictures = images === undefined ? null : await readPictures(images, preprocessing, onWarning, onStep);
    const { ranges, source } = pictures
      ? await calibrateByImages(float, pictures.calibration, { reference, folder, onStep })
      : await calibrateByBatchNorms(float);
    const draft = await writeQuantized(float, folder, ranges);
    const heldBack = pictures?.heldBack ?? (await generatedPictures(preprocessing, onStep));
    const agreement = await compareWith(reference, folder, draft, heldBack, (done) =>
      onStep('comparing with fp32', done, heldBack.length),
    );
    if (pictures && !force) requireAgreement(agreement, options);
    const imageSource = pictures ? 'own' : 'generated';
    if (agreement.top1Agreement < WARNED_AGREEMENT[imageSource]) onWarning(lowAgreement(agreement, imageSource));
    return { ...draft, fidelity: { ...agreement, imageSource, calibration: source } };
  });
}

function requireAgreement(
  { top1Agreement, images }: Agreement,
  { package: from, images: folder }: QuantizeOptions,
): void {
  if (top1Agreement >= MIN_TOP1_AGREEMENT) return;
  throw new LowFidelityError(
    `the int8 package made from ${from} gives the same best class as fp32 on only ${(100 * top1Agreement).toFixed(1)}% of ${images} images of ${folder}; at least ${100 * MIN_TOP1_AGREEMENT}% are required. ` +
      'Calibrate with more images of the kind that will be classified, use the fp32 package, or keep this one with --force.',
  );
}

function lowAgreement({ top1Agreement, images }: Agreement, imageSource: 'own' | 'generated'): string {
  return (
    `THE INT8 PACKAGE MAY ANSWER WRONGLY: it gives the same best class as fp32 on only ${(100 * top1Agreement).toFixed(1)}% of ${images} ${imageSource} images. ` +
    'Make it again with --images and a folder of 64 or more images of the kind that will be classified, or use the fp32 package.'
  );
}
