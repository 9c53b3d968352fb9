import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Names in the folder that bench/gpu-bundle.ts makes. */
export const SMALL_PICTURE = 'small.jpg';
export const WORKER_FOLDER = 'worker';

const PHOTOGRAPH = { width: 4000, height: 3000 };
/** Soft shapes, and the grain of a sensor: about as many bytes a pixel as a photograph has. */
const SHAPES = { type: 'gaussian', mean: 128, sigma: 60 } as const;
const GRAIN = { type: 'gaussian', mean: 128, sigma: 25 } as const;
const QUALITY = 88;

/** Reads the drawn picture of 11 kB that lies beside the bundle. */
export function smallPicture(): Promise<Buffer> {
  return readFile(fileURLToPath(new URL(SMALL_PICTURE, import.meta.url)));
}

/** Makes a JPEG with the pixels and about the bytes of a photograph of 12 megapixels. */
export async function photograph(): Promise<Buffer> {
  const { width, height } = PHOTOGRAPH;
  const blank = { channels: 3, background: 'grey' } as const;
  const shapes = await sharp({ create: { ...blank, width: width / 50, height: height / 50, noise: SHAPES } })
    .resize(width, height, { kernel: 'cubic' })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const grain = await sharp({ create: { ...blank, width, height, noise: GRAIN } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  return sharp(shapes)
    .composite([{ input: grain, blend: 'soft-light' }])
    .removeAlpha()
    .jpeg({ quality: QUALITY })
    .toBuffer();
}
