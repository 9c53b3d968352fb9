/**
 * Compares `decodeImage` on real photographs with two others: with sharp's own resize, which
 * decodes at a reduced size wherever it can, by processor time; with torchvision's crop, by the
 * difference of the pixels. Each photograph is read as it is, and as a WebP made from it.
 *
 *   node --import tsx bench/photographs.ts FOLDER
 *
 * FOLDER holds JPEG files, at any depth. Debian's package mate-backgrounds has 16 of 1 to 18
 * megapixels. Results: bench/results/photographs.json.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { fitPicture } from '../classifier/decode/fit.ts';
import { blockOtherLoaders, decodeImage } from '../classifier/index.ts';
import { round } from '../models/package/round.ts';
import { meanDifference } from '../test/classifier/decode/compare.ts';
import { PREPROCESSING } from '../test/classifier/preprocessing.ts';
import { torchvisionCrop } from '../test/classifier/torchvision-crop.ts';
import { startProcessorClock } from '../test/processor-time.ts';
import { median } from './measure.ts';
import { report } from './report.ts';

const ROUNDS = 9;
const WEBP_QUALITY = 88;

interface Row {
  readonly photograph: string;
  readonly megapixels: number;
  readonly ms: number;
  readonly sharpMs: number;
  readonly ratio: number;
  readonly difference: number;
  readonly sharpDifference: number;
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('a folder of photographs is missing: node --import tsx bench/photographs.ts FOLDER');
const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jpg')).sort();
if (names.length === 0) throw new Error(`${folder} has no .jpg files`);
const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
const webps = await Promise.all(files.map((bytes) => sharp(bytes).webp({ quality: WEBP_QUALITY }).toBuffer()));
blockOtherLoaders();

const rows: Row[] = [];
for (const [at, name] of names.entries()) rows.push(await compare(basename(name), files[at]));
const jpegs = rows.slice();
for (const [at, name] of names.entries()) rows.push(await compare(basename(name, '.jpg').concat('.webp'), webps[at]));
await report('photographs', [...rows, summary('all JPEG', jpegs), summary('all WebP', rows.slice(jpegs.length))]);

/** Takes the two in turns, so that a busy machine slows both. */
async function compare(photograph: string, bytes: Buffer = Buffer.alloc(0)): Promise<Row> {
  const { pixels, width, height } = await decodeImage(bytes, PREPROCESSING);
  const all = await sharp(bytes).autoOrient().toColourspace('srgb').removeAlpha().raw().toBuffer();
  const expected = torchvisionCrop({ data: all, width, height });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    ours.push(await cpuMs(() => decodeImage(bytes, PREPROCESSING)));
    theirs.push(await cpuMs(() => sharpCrop(bytes)));
  }
  return {
    photograph,
    megapixels: round((width * height) / 1e6, 1),
    ms: round(median(ours), 1),
    sharpMs: round(median(theirs), 1),
    ratio: round(median(ours) / median(theirs), 2),
    difference: round(meanDifference(pixels, expected), 2),
    sharpDifference: round(meanDifference(await sharpCrop(bytes), expected), 2),
  };
}

/** The crop as sharp makes it when nothing stops it from decoding at a reduced size. */
async function sharpCrop(bytes: Buffer): Promise<Uint8Array> {
  const { width, height } = (await sharp(bytes).metadata()).autoOrient;
  const { resized, crop } = fitPicture({ width, height }, PREPROCESSING);
  return sharp(bytes, { failOn: 'error', sequentialRead: true })
    .autoOrient()
    .resize(resized.width, resized.height, { fit: 'fill', kernel: 'linear' })
    .extract(crop)
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}

function summary(photograph: string, all: readonly Row[]) {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    photograph,
    /** The geometric mean of the ratios. */
    ratio: round(Math.exp(mean(all.map(({ ratio }) => Math.log(ratio)))), 2),
    difference: round(mean(all.map(({ difference }) => difference)), 2),
    worstDifference: Math.max(...all.map(({ difference }) => difference)),
    sharpDifference: round(mean(all.map(({ sharpDifference }) => sharpDifference)), 2),
  };
}

async function cpuMs(call: () => Promise<unknown>): Promise<number> {
  const usedMs = startProcessorClock();
  await call();
  return usedMs();
}
