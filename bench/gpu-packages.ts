import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../classifier/manifest.ts';
import { openSession } from '../classifier/session.ts';
import { derivePackage } from '../models/package/derive-package.ts';
import { writeHalf } from '../models/package/write-half.ts';
import { REFERENCE_IMAGES, referencePixels } from './gpu-case.ts';
import { randomPackage } from './random-package.ts';

export interface GpuPackages {
  readonly fp32: string;
  readonly fp16: string;
  /** The weights as torch.save writes them, for PyTorch. */
  readonly checkpoint: string;
  /** Files: pictures, uint8 [images, 224, 224, 3], and the fp32 package's logits on the CPU. */
  readonly pixels: string;
  readonly reference: string;
}

/** Makes the packages of one network, with random weights, and what they compute on the CPU. */
export async function makePackages(architecture: string, folder: string): Promise<GpuPackages> {
  const checkpoint = join(folder, `${architecture}.pth`);
  // Labels of our own keep the bundle free of ImageNet's files.
  const labels = JSON.stringify(Array.from({ length: 1000 }, (_, index) => `class ${index}`));
  const fp32 = await randomPackage(architecture, folder, { labels, checkpoint });
  const fp16 = join(folder, `${architecture}.fp16`);
  // Not halvePackage: its comparison on the CPU would take a minute of the GPU's time.
  await derivePackage({ package: fp32, out: fp16 }, 'fp16', async ({ float, folder: draft }) => ({
    ...(await writeHalf(float, draft)),
    fidelity: null,
  }));
  const pixels = join(folder, `${architecture}.pixels`);
  await writeFile(pixels, referencePixels());
  const reference = join(folder, `${architecture}.logits`);
  const session = await openSession(fp32, await readManifest(fp32), { threads: availableParallelism() });
  const logits = await session.run(referencePixels(), REFERENCE_IMAGES);
  await session.release();
  await writeFile(reference, new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength));
  return { fp32, fp16, checkpoint, pixels, reference };
}
