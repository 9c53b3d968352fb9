import sharp from 'sharp';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS } from '../classifier/index.ts';

/** Noise hardly compresses, so a file of so many pixels has nearly as many bytes as permitted. */
const NOISE = { type: 'gaussian', mean: 128, sigma: 24 } as const;
const QUALITIES = [92, 88, 84, 80, 70, 60, 50];

/** Makes a JPEG with nearly as many pixels and bytes as are permitted. */
export async function largestPicture(): Promise<Buffer> {
  const side = Math.floor(Math.sqrt(DEFAULT_MAX_PIXELS));
  const picture = { width: side, height: side, channels: 3, background: 'grey', noise: NOISE } as const;
  for (const quality of QUALITIES) {
    const jpeg = await sharp({ create: picture, limitInputPixels: false }).jpeg({ quality }).toBuffer();
    if (jpeg.length <= DEFAULT_MAX_BYTES) return jpeg;
  }
  throw new Error('expected a picture of at most the permitted size, found none');
}
