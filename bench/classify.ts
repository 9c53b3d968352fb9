/**
 * Measures images per second of the classifier on one thread, from the encoded image to its labels,
 * and what a batch gains: the sample model, and a ResNet-50 of random weights.
 *
 *   node --import tsx bench/classify.ts
 *
 * Results: bench/results/classify.json.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockOtherLoaders } from '../classifier/decode/block-other-loaders.ts';
import { decodeImage } from '../classifier/decode/decode.ts';
import { openClassifier } from '../classifier/index.ts';
import { readManifest } from '../classifier/manifest.ts';
import { openSession } from '../classifier/session.ts';
import { renderPictures } from '../models/sample/drawing/render.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { medianMs } from './measure.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';

/** A seed of pictures with which the sample model was neither trained nor checked. */
const SEED = 700_000_001;
/** Shorter side of the pictures, which have about half a megapixel each. */
const PICTURE_PIXELS = 600;
const BATCH = 8;
const REPEATS = 9;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  const pictures: { index: number; jpeg: Buffer }[] = [];
  for await (const picture of renderPictures(SEED, 1, PICTURE_PIXELS)) pictures.push(picture);
  blockOtherLoaders();
  const sample = await ensureSamplePackage(folder);
  await requireRight(sample, pictures);
  await report('classify', [
    await measure(sample, pictures),
    await measure(await randomPackage('resnet50', folder), pictures),
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Checks the answers: only right ones are worth timing. */
async function requireRight(packageDir: string, pictures: readonly { index: number; jpeg: Buffer }[]): Promise<void> {
  const classifier = await openClassifier(packageDir);
  const entries = await classifier.classify(pictures.map(({ jpeg }) => jpeg));
  await classifier.close();
  const right = entries.filter(
    (entry, place) => 'predictions' in entry && entry.predictions[0]?.index === pictures[place]?.index,
  );
  if (right.length < 0.9 * pictures.length)
    throw new Error(`only ${right.length} of ${pictures.length} pictures were classified correctly`);
}

async function measure(packageDir: string, pictures: readonly { jpeg: Buffer }[]) {
  const manifest = await readManifest(packageDir);
  const images = pictures.slice(0, BATCH).map(({ jpeg }) => jpeg);
  const decoded = await Promise.all(images.map((image) => decodeImage(image, manifest.preprocessing)));
  const pixels = Buffer.concat(decoded.map((image) => image.pixels));
  const [first = pixels] = decoded.map((image) => image.pixels);
  const open = (optimization: 'extended' | 'all') => openSession(packageDir, manifest, { threads: 1, optimization });

  const openMs = async (optimization: 'extended' | 'all') =>
    medianMs(3, async () => (await open(optimization)).release());
  const [all, extended] = [await open('all'), await open('extended')];
  const runMs = await medianMs(REPEATS, () => all.run(first, 1));
  const runExtendedMs = await medianMs(REPEATS, () => extended.run(first, 1));
  const batchMs = await medianMs(REPEATS, () => all.run(pixels, BATCH));
  await Promise.all([all.release(), extended.release()]);

  const classifier = await openClassifier(packageDir, { threads: 1 });
  const totalMs = await medianMs(REPEATS, () => classifier.classify(images));
  await classifier.close();
  return {
    model: manifest.name,
    openAndSelfTestMs: await openMs('all'),
    openAndSelfTestExtendedMs: await openMs('extended'),
    runMs,
    runExtendedMs,
    runInBatchOf8MsPerImage: Number((batchMs / BATCH).toFixed(1)),
    decodeMs: await medianMs(REPEATS, () => decodeImage(images[0] ?? Buffer.alloc(0), manifest.preprocessing)),
    imagesPerSecond: Number(((1000 * images.length) / totalMs).toFixed(1)),
  };
}
