import type { DecodeLimits } from '../classifier/types.ts';
import type { Environment } from './environment.ts';

type LimitSettings = Pick<
  Environment,
  'AUTOSWIFTNET_MAX_IMAGE_BYTES' | 'AUTOSWIFTNET_MAX_IMAGE_PIXELS' | 'AUTOSWIFTNET_HEIC'
>;

/** Returns what the settings say of the images that are decoded, as the classifier takes it. */
export function toDecodeLimits(settings: LimitSettings): Required<DecodeLimits> {
  return {
    maxBytes: settings.AUTOSWIFTNET_MAX_IMAGE_BYTES,
    maxPixels: settings.AUTOSWIFTNET_MAX_IMAGE_PIXELS,
    heic: settings.AUTOSWIFTNET_HEIC,
  };
}
