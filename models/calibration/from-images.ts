import { copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GRAPH_FILE, WEIGHTS_FILE } from '../../classifier/manifest.ts';
import { openGraph } from '../../classifier/onnx-runtime.ts';
import { defaultThreads } from '../../classifier/session.ts';
import { activationNames, type Range } from '../graph/activations.ts';
import { buildNetwork } from '../graph/network.ts';
import { encodeModel } from '../graph/onnx-file.ts';
import type { FloatPackage } from '../package/read-float-package.ts';
import { Histogram, RANGE_METHODS, type RangeMethod } from './histogram.ts';

/** `extended` leaves the inner tensors as they are, and needs little memory. */
const PROBE_SETTINGS = { threads: defaultThreads(), optimization: 'extended', exactInt8: false } as const;

/**
 * Measures the ranges of the activations over images, by each method: the float graph is run with
 * its inner tensors as outputs.
 * @param folder for temporary files; it must not exist, and is removed afterwards
 * @param images each uint8 [224, 224, 3]
 * @param onImage called after each image
 * @returns for each method, the range of each tensor in activationNames
 */
export async function rangesFromImages(
  float: FloatPackage,
  folder: string,
  images: readonly Uint8Array[],
  onImage: (done: number) => void = () => {},
): Promise<ReadonlyMap<RangeMethod, ReadonlyMap<string, Range>>> {
  const names = activationNames(float.architecture);
  const histograms = names.map(() => new Histogram());
  await writeProbeGraph(float, folder, names);
  try {
    const probe = await openGraph(folder, ['cpu'], () => GRAPH_FILE, PROBE_SETTINGS);
    try {
      for (const [done, image] of images.entries()) {
        const tensors = await probe.run(image, 1, names);
        for (const [index, histogram] of histograms.entries()) histogram.add(tensors[index] ?? new Float32Array());
        onImage(done + 1);
      }
    } finally {
      await probe.release();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return new Map(
    RANGE_METHODS.map((method) => [
      method,
      new Map(names.map((name, index) => [name, histograms[index]?.range(method) ?? { low: 0, high: 0 }])),
    ]),
  );
}

/**
 * Writes the package's graph with other outputs. Its weights must lie beside it, because ONNX
 * Runtime follows no link to another folder.
 */
async function writeProbeGraph(float: FloatPackage, folder: string, names: readonly string[]): Promise<void> {
  const graph = buildNetwork(float.architecture, float.tensors, names);
  await mkdir(folder);
  await writeFile(join(folder, GRAPH_FILE), encodeModel(graph));
  const [from, to] = [join(float.path, WEIGHTS_FILE), join(folder, WEIGHTS_FILE)];
  // Linking fails across disks, and on disks without hard links.
  await link(from, to).catch(() => copyFile(from, to));
}
