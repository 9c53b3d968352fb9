/**
 * Compares the crops of pictures of every supported format, depth and colour kind with those of
 * independent decoders, Pillow, ImageMagick and heif-convert, cropped as torchvision does. A row
 * that none of them can make or read is named and fails the run.
 *
 *   apt-get install imagemagick python3-pil libheif-examples libgs-common
 *   node --import tsx bench/pictures.ts [FORMAT]
 *
 * Results: bench/results/pictures.json, shown in docs/formats.md (npm run docs).
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decodeImage } from '../classifier/decode/decode.ts';
import { PREPROCESSING } from '../test/classifier/preprocessing.ts';
import { type Pixels, torchvisionCrop } from '../test/classifier/torchvision-crop.ts';
import { PICTURE_ROWS, type PictureRow } from './picture-rows.ts';
import { report } from './report.ts';

const PHOTOGRAPH = fileURLToPath(new URL('../test/fixtures/preprocess/coffee.jpg', import.meta.url));
const PILLOW = fileURLToPath(new URL('pillow-rgb.py', import.meta.url));
const ICC = '/usr/share/color/icc/ghostscript';
const SIZE = { width: 400, height: 300 } as const;

/** Above this mean difference, of 255, a row must give a reason. */
const MAX_MEAN_DIFFERENCE = 2;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  await main(process.argv[2]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(only: string | undefined): Promise<void> {
  await drawInputs();
  const results: object[] = [];
  const faults: string[] = [];
  for (const row of PICTURE_ROWS.filter(({ format }) => only === undefined || format === only)) {
    const { format, kind, reference, reason } = row;
    try {
      const { mean, largest } = await compare(row);
      results.push({
        format,
        kind,
        reference,
        meanDifference: mean,
        largestDifference: largest,
        ...(reason && { reason }),
      });
      if (mean > MAX_MEAN_DIFFERENCE && !reason) faults.push(`${format}, ${kind}: ${mean} of 255`);
    } catch (error) {
      faults.push(`${format}, ${kind}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (only === undefined) await report('pictures', results);
  else console.table(results);
  if (faults.length > 0) throw new Error(`${faults.length} rows are not right:\n${faults.join('\n')}`);
}

/** Draws what the rows are made of: 8 and 16 bits, with and without transparency, and grey. */
async function drawInputs(): Promise<void> {
  await copyFile(PHOTOGRAPH, join(folder, 'photograph.jpg'));
  const { width, height } = SIZE;
  // The blur gives the 16-bit picture levels between the 8-bit ones.
  run(`convert photograph.jpg -resize ${width}x${height}! -depth 8 PNG24:base.png`);
  run('convert base.png -depth 16 -blur 0x1 PNG48:deep.png');
  run(`convert base.png \\( -size ${width}x${height} gradient: \\) -compose CopyOpacity -composite PNG64:alpha.png`);
  run('convert alpha.png PNG32:alpha8.png');
  run('convert base.png -colorspace Gray -define png:color-type=0 grey.png');
  run(`convert base.png -profile ${ICC}/srgb.icc -profile ${ICC}/a98.icc PNG24:adobe.png`);
}

async function compare(row: PictureRow): Promise<{ mean: number; largest: number }> {
  run(row.make);
  const ours = (await decodeImage(await readFile(join(folder, row.file)), PREPROCESSING)).pixels;
  const theirs = torchvisionCrop(await decodeElsewhere(row));
  const differences = Array.from(ours, (value, index) => Math.abs(value - (theirs[index] ?? 0)));
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  return { mean: Number(mean.toFixed(2)), largest: differences.reduce((most, value) => Math.max(most, value), 0) };
}

async function decodeElsewhere({ file, reference }: PictureRow): Promise<Pixels> {
  switch (reference) {
    case 'Pillow':
      run(`/usr/bin/python3 '${PILLOW}' ${file} out.ppm`);
      break;
    case 'ImageMagick': {
      const hasProfile = run(`identify -format '%[profiles]' '${file}[0]'`).includes('icc');
      const toSrgb = hasProfile ? `-profile ${ICC}/srgb.icc` : '-colorspace sRGB';
      run(`convert '${file}[0]' ${toSrgb} -background white -flatten -depth 8 out.ppm`);
      break;
    }
    case 'heif-convert':
      run(`heif-convert ${file} out.png && /usr/bin/python3 '${PILLOW}' out.png out.ppm`);
      break;
  }
  return readPpm(await readFile(join(folder, 'out.ppm')));
}

/** Reads a binary PPM of 8 bits, or a PGM, without comments. */
async function readPpm(file: Buffer): Promise<Pixels> {
  const header = /^P([56])\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 64));
  if (!header) throw new Error('the reference is no PPM of 8 bits');
  const [text, kind, width, height] = header;
  const data = file.subarray(text.length);
  const size = { width: Number(width), height: Number(height) };
  if (kind === '6') return { data, ...size };
  return {
    data: await sharp(data, { raw: { ...size, channels: 1 } })
      .toColourspace('srgb')
      .raw()
      .toBuffer(),
    ...size,
  };
}

function run(command: string): string {
  return execFileSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
