import { activationMap } from './activation-map.ts';
import { readClassifierRow } from './classifier-weights.ts';
import type { Size } from './decode/fit.ts';
import type { Manifest } from './manifest.ts';
import { drawOverlay } from './overlay.ts';
import type { Explanation, Prediction } from './types.ts';

/**
 * Finds where in an image a class was seen, and draws it as an overlay.
 * @param model the package whose graph produced the features
 * @param features float32 [channels, 7, 7] (channel, row, column): the last convolution's output
 *   for this image
 * @param picture the size of the image after EXIF orientation
 * @param prediction the class, usually the most probable one
 * @throws {InvalidPackageError} when the class's weights cannot be read
 * @throws {NativePackageError} when sharp has no binary for this platform
 */
export async function explain(
  { packageDir, manifest }: { readonly packageDir: string; readonly manifest: Manifest },
  features: Float32Array,
  picture: Size,
  { label, index }: Pick<Prediction, 'label' | 'index'>,
): Promise<Explanation> {
  const map = activationMap(features, await readClassifierRow(packageDir, manifest, index));
  const { region, ...overlay } = await drawOverlay(map, picture, manifest.preprocessing);
  return { label, index, map, region, overlay };
}
