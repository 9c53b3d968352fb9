import type { Manifest } from '../classifier/manifest.ts';
import { oneLine } from './report-error.ts';

/**
 * Says how well a package agrees with its fp32 package.
 * @example
 * same top label as fp32 on 99.2% of 128 images (own), signal-to-noise ratio of logits
 * 36.0 dB, calibrated by min-max of 64 images
 */
export function fidelityText(fidelity: NonNullable<Manifest['fidelity']>): string {
  const { top1Agreement, images, imageSource, logitSignalToNoiseDb, calibration } = fidelity;
  const calibrated = calibration === null ? '' : `, calibrated by ${oneLine(calibration)}`;
  return `same top label as fp32 on ${(100 * top1Agreement).toFixed(1)}% of ${images} images (${imageSource}), signal-to-noise ratio of logits ${logitSignalToNoiseDb.toFixed(1)} dB${calibrated}`;
}
