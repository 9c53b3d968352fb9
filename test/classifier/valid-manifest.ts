import type { Manifest } from '../../classifier/manifest.ts';
import { PREPROCESSING } from './preprocessing.ts';

const SHA256 = 'a'.repeat(64);

/** Returns a valid manifest with two classes. */
export function validManifest(): Manifest {
  return {
    formatVersion: 1,
    name: 'tiny',
    architecture: 'resnet',
    supervision: null,
    precision: 'fp32',
    classes: 2,
    parameters: 10,
    macs: 100,
    preprocessing: { ...PREPROCESSING },
    labels: [
      { label: 'one', wnid: null },
      { label: 'two', wnid: 'n01440764' },
    ],
    publishedTop1: null,
    publishedTop5: null,
    measuredTop1: null,
    measuredTop5: null,
    source: { url: null, sha256: SHA256 },
    license: null,
    files: { 'model.onnx': { bytes: 1, sha256: SHA256 }, 'weights.bin': { bytes: 1, sha256: SHA256 } },
    classifierWeights: { offset: 0, shape: [2, 4] },
    selfTest: { seed: 1, logits: [0.5, -0.5], tolerance: 0.01 },
    fidelity: null,
  };
}
