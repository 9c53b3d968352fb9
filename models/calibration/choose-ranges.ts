import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelSession } from '../../classifier/session.ts';
import type { Range } from '../graph/activations.ts';
import { compareWith } from '../package/fidelity.ts';
import type { FloatPackage } from '../package/read-float-package.ts';
import { writeQuantized } from '../package/write-quantized.ts';
import { rangesFromBatchNorms } from './from-batch-norms.ts';
import { rangesFromImages } from './from-images.ts';
import type { OnStep } from './on-step.ts';

/** The ranges of the activations, and where they come from. */
export interface Calibration {
  readonly ranges: ReadonlyMap<string, Range>;
  readonly source: string;
}

/** A session of the fp32 package to compare with, and a folder for temporary files. */
export interface Workplace {
  readonly reference: ModelSession;
  /** The folder in which temporary folders are created and removed. */
  readonly folder: string;
  readonly onStep: OnStep;
}

/** The number of images on which the methods are compared. */
const CHOOSING_IMAGES = 32;

/** Calibrates without images, from the batch norms. */
export async function calibrateByBatchNorms(float: FloatPackage): Promise<Calibration> {
  return { ranges: rangesFromBatchNorms(float.architecture, await float.readBatchNorms()), source: 'batch norms' };
}

/**
 * Calibrates with images: tries every method to choose ranges and keeps the one whose int8 logits
 * are closest to fp32's.
 * @param images each uint8 [224, 224, 3]
 */
export async function calibrateByImages(
  float: FloatPackage,
  images: readonly Uint8Array[],
  { reference, folder, onStep }: Workplace,
): Promise<Calibration> {
  let best: (Calibration & { readonly signalToNoise: number }) | undefined;
  const ranged = await rangesFromImages(float, join(folder, 'probe'), images, (done) =>
    onStep('measuring ranges', done, images.length),
  );
  const choosing = images.slice(0, CHOOSING_IMAGES);
  let compared = 0;
  for (const [method, ranges] of ranged) {
    const candidate = join(folder, method);
    await mkdir(candidate);
    const draft = await writeQuantized(float, candidate, ranges);
    const agreement = await compareWith(reference, candidate, draft, choosing, () => {
      compared += 1;
      onStep('choosing ranges', compared, choosing.length * ranged.size);
    });
    await rm(candidate, { recursive: true });
    const signalToNoise = agreement.logitSignalToNoiseDb;
    if (best === undefined || signalToNoise > best.signalToNoise) {
      best = { ranges, source: `${method} of ${images.length} images`, signalToNoise };
    }
  }
  if (best === undefined) throw new Error('the ranges cannot be chosen: no method was tried');
  return best;
}
