import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { MANIFEST_FILE, readManifest } from '../classifier/manifest.ts';
import { openSession } from '../classifier/session.ts';
import { openFloatPackage } from '../models/package/read-float-package.ts';
import { recordSelfTest } from '../models/package/record-self-test.ts';
import { writeManifest } from '../models/package/write-files.ts';
import { writeHalf } from '../models/package/write-half.ts';
import { writePackage } from '../models/package/write-package.ts';
import { REFERENCE_IMAGES, referencePixels } from './gpu-case.ts';
import { randomPackage } from './random-package.ts';

/** What is made of one network. */
export interface GpuPackages {
  readonly fp32: string;
  readonly fp16: string;
  /** The weights as torch.save writes them, for PyTorch. */
  readonly checkpoint: string;
  /** Files: pictures, uint8 [images, 224, 224, 3], and the fp32 package's logits on the CPU. */
  readonly pixels: string;
  readonly reference: string;
}

/** One package to make, in a process of its own. */
export interface GpuPackageTask {
  readonly architecture: string;
  readonly folder: string;
  /** `fp32` comes first; `fp16` is made from it. */
  readonly make: 'fp32' | 'fp16';
}

export function packagesOf(architecture: string, folder: string): GpuPackages {
  return {
    fp32: join(folder, architecture),
    fp16: join(folder, `${architecture}.fp16`),
    checkpoint: join(folder, `${architecture}.pth`),
    pixels: join(folder, `${architecture}.pixels`),
    reference: join(folder, `${architecture}.logits`),
  };
}

/** Makes one package of a network with random weights, unless the folder has it. */
export async function makePackage({ architecture, folder, make }: GpuPackageTask): Promise<void> {
  const packages = packagesOf(architecture, folder);
  if (existsSync(lastWrittenOf(make, packages))) return;
  if (make === 'fp32') return makeFloat(architecture, folder, packages);
  const float = await openFloatPackage(packages.fp32);
  try {
    // Not halvePackage: its comparison on the CPU would take a minute of the GPU's time.
    await writePackage(packages.fp16, {}, async (folderOfDraft) => {
      const draft = { ...(await writeHalf(float, folderOfDraft)), name: `${architecture}.fp16`, fidelity: null };
      await writeManifest(folderOfDraft, { ...draft, selfTest: await recordSelfTest(folderOfDraft, draft) });
    });
  } finally {
    await float.close();
  }
}

/** Returns what is there once a package is complete. */
function lastWrittenOf(make: GpuPackageTask['make'], { reference, fp16 }: GpuPackages): string {
  return make === 'fp32' ? reference : join(fp16, MANIFEST_FILE);
}

async function makeFloat(
  architecture: string,
  folder: string,
  { fp32, checkpoint, pixels, reference }: GpuPackages,
): Promise<void> {
  // Labels of our own keep the bundle free of ImageNet's files.
  const labels = JSON.stringify(Array.from({ length: 1000 }, (_, index) => `class ${index}`));
  await mkdir(folder, { recursive: true });
  await randomPackage(architecture, folder, { labels, checkpoint });
  await writeFile(pixels, referencePixels());
  const session = await openSession(fp32, await readManifest(fp32), {
    threads: availableParallelism(),
    selfTest: false,
  });
  const logits = await session.run(referencePixels(), REFERENCE_IMAGES);
  await session.release();
  await writeFile(reference, new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength));
}
