import { activationMap } from '../../classifier/activation-map.ts';
import { readClassifierRow } from '../../classifier/classifier-weights.ts';
import { drawOverlay } from '../../classifier/overlay.ts';
import type { HeavyClassifierOptions } from './heavy-classifier.ts';

/** Where in the picture the most probable class was seen, as an overlay to lay over it. */
export const explainAnswer: HeavyClassifierOptions['explain'] = async (model, image, features, { predictions }) => {
  const { packageDir, manifest } = model;
  const [best] = predictions;
  if (best === undefined) throw new TypeError('expected a prediction to explain, found none');
  const weights = await readClassifierRow(packageDir, manifest, best.index);
  const { png, width, height, region } = await drawOverlay(
    activationMap(features, weights),
    image,
    manifest.preprocessing,
  );
  const base64 = Buffer.from(png).toString('base64');
  return { label: best.label, index: best.index, region, overlay: { contentType: 'image/png', width, height, base64 } };
};
