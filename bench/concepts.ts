/**
 * Measures how often the hedged concept is right, how often there is one, and how specific it is,
 * on drawn pictures as they are, blurred, noisy, and half covered. It uses the sample model and the
 * trained ResNeXt of the tests. Neither was trained with these pictures.
 *
 *   node --import tsx bench/concepts.ts
 *
 * Results: bench/results/concepts.json.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type Classifier, openClassifier } from '../classifier/index.ts';
import { convertCheckpoint } from '../models/convert.ts';
import { seeded } from '../models/sample/drawing/brush.ts';
import { renderPictures } from '../models/sample/drawing/render.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { ConceptScorer } from '../models/score-concepts.ts';
import { report } from './report.ts';

const RESNEXT = fileURLToPath(
  new URL('../test/fixtures/checkpoints/resnext-trained/model.safetensors', import.meta.url),
);
const SEED = 930_000_001;
const PER_CLASS = 10;
const SIDE = 256;

/** Standard deviation of the blur, in pixels. The models were trained with up to 1.7. */
const BLUR_SIGMAS = { slightly: 3, strongly: 6 };
/** Largest change of a channel, of 255. */
const NOISE = 60;

type Change = (jpeg: Buffer) => Promise<Buffer>;

const random = seeded(SEED);

const CHANGES: Readonly<Record<string, Change>> = {
  'as drawn': async (jpeg) => jpeg,
  'slightly blurred': blurWith(BLUR_SIGMAS.slightly),
  'strongly blurred': blurWith(BLUR_SIGMAS.strongly),
  noisy: addNoise,
  'half covered': coverHalf,
};

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  const resnext = join(folder, 'resnext');
  await convertCheckpoint({ checkpoint: RESNEXT, out: resnext });
  const rows: object[] = [];
  for (const packageDir of [await ensureSamplePackage(folder), resnext]) {
    const classifier = await openClassifier(packageDir);
    for (const [pictures, change] of Object.entries(CHANGES)) {
      rows.push(
        ...(await measure(classifier, change)).map((row) => ({ model: classifier.manifest.name, pictures, ...row })),
      );
    }
    await classifier.close();
  }
  await report('concepts', rows);
} finally {
  await rm(folder, { recursive: true });
}

async function measure(classifier: Classifier, change: Change) {
  if (classifier.hierarchy === null) throw new TypeError('the package has no hierarchy');
  const scorer = new ConceptScorer(classifier.hierarchy());
  let images = 0;
  let first = 0;
  for await (const { index, jpeg } of renderPictures(SEED, PER_CLASS, SIDE)) {
    const [entry] = await classifier.classify([await change(jpeg)], { top: 1 });
    if (entry === undefined || 'error' in entry) throw entry?.error ?? new TypeError('there is no entry');
    images += 1;
    if (entry.predictions[0]?.index === index) first += 1;
    scorer.add(entry.concepts, [index]);
  }
  const top1 = Number(((100 * first) / images).toFixed(1));
  return scorer.scores().map((score) => ({ images, top1, ...score }));
}

function blurWith(sigma: number): Change {
  return (jpeg) => sharp(jpeg).blur(sigma).png().toBuffer();
}

async function addNoise(jpeg: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const noisy = Uint8ClampedArray.from(data, (value) => value + (2 * random() - 1) * NOISE);
  return sharp(Buffer.from(noisy.buffer), { raw: { width, height, channels } }).png().toBuffer();
}

/** Covers one half of the picture with grey: left, right, upper or lower. */
async function coverHalf(jpeg: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(jpeg).metadata();
  const isUpright = random() < 0.5;
  const isSecond = random() < 0.5;
  const half = { width: isUpright ? Math.ceil(width / 2) : width, height: isUpright ? height : Math.ceil(height / 2) };
  const left = isUpright && isSecond ? width - half.width : 0;
  const top = !isUpright && isSecond ? height - half.height : 0;
  const cover = { create: { ...half, channels: 3 as const, background: '#808080' } };
  return sharp(jpeg)
    .composite([{ input: cover, left, top }])
    .png()
    .toBuffer();
}
