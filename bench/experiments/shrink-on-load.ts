/**
 * Measures what decoding at a reduced size (shrink-on-load) would gain in time and cost in
 * agreement, on large JPEGs. Drawn pictures are compared by the sample model's probabilities, tiled
 * photographs by their pixels.
 *
 *   node --import tsx bench/experiments/shrink-on-load.ts
 *
 * Results: bench/results/shrink-on-load.json.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { fitPicture } from '../../classifier/decode/fit.ts';
import { type Classification, type DecodedImage, decodeImage, openClassifier } from '../../classifier/index.ts';
import { renderPictures } from '../../models/sample/drawing/render.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { medianMs } from '../measure.ts';
import { report } from '../report.ts';

/** A seed of pictures with which the sample model was neither trained nor checked. */
const SEED = 800_000_001;
const DRAWN_PIXELS = 2400;
/**
 * Photographs of 0.14 to 0.27 megapixels, tiled six by six. The result is full of detail, like a
 * sharp photograph of its size.
 */
const PHOTOGRAPHS = ['coffee.jpg', 'chelsea.jpg', 'rocket.jpg'];
const TILES = 6;
const REPEATS = 5;
const FIXTURES = new URL('../../test/fixtures/preprocess/', import.meta.url);

sharp.concurrency(1);
sharp.cache(false);
const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
const classifier = await openClassifier(await ensureSamplePackage(folder));
const { preprocessing } = classifier.manifest;
try {
  const drawn: Buffer[] = [];
  for await (const { jpeg } of renderPictures(SEED, 1, DRAWN_PIXELS)) drawn.push(jpeg);
  const photographs = await Promise.all(PHOTOGRAPHS.map(tile));
  await report('shrink-on-load', [
    { pictures: 'drawn', ...(await compare(drawn)), ...(await compareAnswers(drawn)) },
    { pictures: 'photographs', ...(await compare(photographs)) },
  ]);
} finally {
  await classifier.close();
  await rm(folder, { recursive: true, force: true });
}

/** Decodes as sharp does when nothing stops it from reducing the size first. */
async function decodeShrunk(bytes: Buffer): Promise<DecodedImage> {
  const { width, height } = (await sharp(bytes).metadata()).autoOrient;
  const { resized, crop } = fitPicture({ width, height }, preprocessing);
  const pixels = await sharp(bytes, { failOn: 'error' })
    .autoOrient()
    .resize(resized.width, resized.height, { fit: 'fill', kernel: 'linear' })
    .extract(crop)
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  return { pixels, width, height, format: 'jpeg', bytes: bytes.length };
}

async function compare(images: readonly Buffer[]) {
  let difference = 0;
  for (const bytes of images) {
    const [exact, shrunk] = [await decodeImage(bytes, preprocessing), await decodeShrunk(bytes)];
    const sum = exact.pixels.reduce((total, value, at) => total + Math.abs(value - (shrunk.pixels[at] ?? 0)), 0);
    difference += sum / exact.pixels.length / images.length;
  }
  const [first = Buffer.alloc(0)] = images;
  const { width, height } = await decodeImage(first, preprocessing);
  return {
    images: images.length,
    megapixelsOfFirst: Number(((width * height) / 1e6).toFixed(1)),
    exactMs: await medianMs(REPEATS, () => decodeImage(first, preprocessing)),
    shrunkMs: await medianMs(REPEATS, () => decodeShrunk(first)),
    meanPixelDifference: Number(difference.toFixed(2)),
  };
}

async function compareAnswers(images: readonly Buffer[]) {
  let sameTop1 = 0;
  let largest = 0;
  for (const bytes of images) {
    const both = await classifier.classify([bytes, await decodeShrunk(bytes)], { top: 1000 });
    const [exact, shrunk] = both.map((entry): Classification => {
      if ('error' in entry) throw entry.error;
      return entry;
    });
    if (exact?.predictions[0]?.index === shrunk?.predictions[0]?.index) sameTop1 += 1;
    const other = new Map(shrunk?.predictions.map(({ index, probability }) => [index, probability]));
    for (const { index, probability } of exact?.predictions ?? []) {
      largest = Math.max(largest, Math.abs(probability - (other.get(index) ?? 0)));
    }
  }
  return { sameTop1, largestProbabilityDifference: Number(largest.toFixed(4)) };
}

async function tile(name: string): Promise<Buffer> {
  const photograph = await readFile(new URL(name, FIXTURES));
  const { width, height } = await sharp(photograph).metadata();
  return sharp({ create: { width: width * TILES, height: height * TILES, channels: 3, background: 'black' } })
    .composite([{ input: photograph, tile: true, gravity: 'northwest' }])
    .jpeg({ quality: 92 })
    .toBuffer();
}
