import { type Classifier, openClassifier } from '../../classifier/classifier.ts';
import { renderPictures } from '../../models/sample/drawing/render.ts';

/** A picture, and what the model says of it. */
export interface LoadPicture {
  readonly jpeg: Buffer;
  readonly label: string;
}

/** A seed of pictures with which the sample model was neither trained nor checked. */
const SEED = 710_000_001;

/** How many pictures there are of each size: the shorter side, in pixels. */
const PICTURES_BY_SIDE = [
  [128, 32],
  [256, 32],
  [600, 16],
  [1200, 6],
  [2400, 2],
] as const;

/** Draws JPEGs of mixed sizes, from 0.02 to some 8 megapixels, and asks the model about each. */
export async function drawPictures(packageDir: string): Promise<LoadPicture[]> {
  const jpegs: Buffer[] = [];
  for (const [side, count] of PICTURES_BY_SIDE) {
    let drawn = 0;
    for await (const { jpeg } of renderPictures(SEED + side, 1, side)) {
      jpegs.push(jpeg);
      drawn += 1;
      if (drawn === count) break;
    }
  }
  const classifier = await openClassifier(packageDir);
  try {
    const pictures: LoadPicture[] = [];
    for (const jpeg of jpegs) pictures.push({ jpeg, label: await labelOf(classifier, jpeg) });
    return pictures;
  } finally {
    await classifier.close();
  }
}

async function labelOf(classifier: Classifier, jpeg: Buffer): Promise<string> {
  const [entry] = await classifier.classify([jpeg], { top: 1 });
  if (entry === undefined || 'error' in entry) throw new Error('the model rejected a drawn picture');
  return entry.predictions[0]?.label ?? '';
}
