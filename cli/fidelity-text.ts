import type { Manifest } from '../classifier/manifest.ts';
import { oneLine } from './report-error.ts';

/**
 * How well a package agrees with the fp32 one, in words.
 * @example fp32's answer on 99.2% of 128 images (own), logits 36.0 dB above the difference, ranges by min-max of 64 images
 */
export function fidelityText(fidelity: NonNullable<Manifest['fidelity']>): string {
  const { top1Agreement, images, imageSource, logitSignalToNoiseDb, calibration } = fidelity;
  const ranges = calibration === null ? '' : `, ranges by ${oneLine(calibration)}`;
  return `fp32's answer on ${(100 * top1Agreement).toFixed(1)}% of ${images} images (${imageSource}), logits ${logitSignalToNoiseDb.toFixed(1)} dB above the difference${ranges}`;
}
