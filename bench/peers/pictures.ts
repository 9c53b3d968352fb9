import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type sharpType from 'sharp';
import { renderPictures } from '../../models/sample/drawing/render.ts';

/** Paths of the pictures that every side classifies. */
export interface Pictures {
  /** What they were made from. */
  readonly source: string;
  /**
   * PNG files of 256 x 256 pixels: no side scales them, so that every model gets the same pixels.
   * They have a folder of their own.
   */
  readonly exact: readonly string[];
  /** JPEG files of 0.1 to 2 megapixels. */
  readonly small: readonly string[];
  /** JPEG files of 10 and 12 megapixels. */
  readonly photographs: readonly string[];
}

interface Size {
  readonly megapixels: number;
  /** Quality of the JPEG, 1 to 100. */
  readonly quality: number;
}

const SMALL_MEGAPIXELS = [0.1, 0.2, 0.5, 1, 2];
const SMALL_QUALITY = 85;
const PHOTOGRAPHS: readonly Size[] = [
  { megapixels: 12, quality: 90 },
  { megapixels: 10, quality: 80 },
  { megapixels: 12, quality: 80 },
];
const EXACT_SIDE = 256;

/** Photographs in Debian's mate-backgrounds: the first has 18 megapixels, the others 4 and 5. */
const PACKAGE = 'mate-backgrounds';
const INSTALLED = '/usr/share/backgrounds/mate';
const ORIGINALS = [
  'abstract/Elephants_5640x3172',
  'nature/Wood',
  'nature/TwoWings',
  'nature/LadyBird',
  'nature/Garden',
];

/** A seed of drawn pictures that no model was trained with. */
const DRAWN_SEED = 720_000_001;
const DRAWN_PIXELS = 2400;

/**
 * Makes the pictures. Photographs come from `backgrounds`, else from the installed package
 * mate-backgrounds, else from the same package downloaded by apt-get. Without any of them, drawn
 * pictures with noise stand in.
 * @param folder where they are written
 */
export async function makePictures(folder: string, backgrounds: string | undefined): Promise<Pictures> {
  await mkdir(join(folder, 'exact'), { recursive: true });
  const { source, originals } = await findOriginals(folder, backgrounds);
  const sharp = loadSharp();
  const original = (index: number) => originals[index % originals.length] ?? Buffer.of();

  const write = async (name: string, bytes: Buffer) => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const exact = originals.map(async (bytes, index) =>
    write(`exact/${index}.png`, await sharp(bytes).resize(EXACT_SIDE, EXACT_SIDE).removeAlpha().png().toBuffer()),
  );
  const small = SMALL_MEGAPIXELS.map(async (megapixels, index) =>
    write(`small-${index}.jpg`, await jpegOf(original(index), { megapixels, quality: SMALL_QUALITY })),
  );
  // The largest original twice: only it is larger than a telephone's photograph.
  const photographs = PHOTOGRAPHS.map(async (size, index) =>
    write(`photograph-${index}.jpg`, await jpegOf(original(Math.max(0, index - 1)), size)),
  );
  return {
    source,
    exact: await Promise.all(exact),
    small: await Promise.all(small),
    photographs: await Promise.all(photographs),
  };
}

/** Scales a picture to 4:3 and a number of pixels. */
async function jpegOf(bytes: Buffer, { megapixels, quality }: Size): Promise<Buffer> {
  const height = Math.round(Math.sqrt((megapixels * 1e6 * 3) / 4));
  const scaled = loadSharp()(bytes).resize(Math.round((height * 4) / 3), height, { fit: 'cover' });
  return scaled.jpeg({ quality }).toBuffer();
}

async function findOriginals(folder: string, backgrounds: string | undefined) {
  const places = [backgrounds, INSTALLED].filter((place) => place !== undefined);
  const place = places.find((one) => existsSync(pathOf(one, 0))) ?? (await downloadBackgrounds(folder));
  if (place === null) return { source: 'drawn pictures with noise', originals: await drawnOriginals() };
  const originals = await Promise.all(ORIGINALS.map((_, index) => readFile(pathOf(place, index))));
  return { source: `photographs of Debian's ${PACKAGE}`, originals };
}

function pathOf(place: string, index: number): string {
  return join(place, `${ORIGINALS[index]}.jpg`);
}

/** Downloads and unpacks the package into the folder, or returns null where that does not work. */
async function downloadBackgrounds(folder: string): Promise<string | null> {
  const run = promisify(execFile);
  try {
    await run('apt-get', ['download', PACKAGE], { cwd: folder });
    const file = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '';
    await run('dpkg-deb', ['--extract', file, 'package'], { cwd: folder });
    const place = join(folder, 'package', INSTALLED);
    return existsSync(pathOf(place, 0)) ? place : null;
  } catch {
    return null;
  }
}

async function drawnOriginals(): Promise<Buffer[]> {
  const originals: Buffer[] = [];
  for await (const { jpeg } of renderPictures(DRAWN_SEED, 1, DRAWN_PIXELS)) {
    originals.push(await withNoise(jpeg));
    if (originals.length === ORIGINALS.length) break;
  }
  return originals;
}

/** Adds noise: a drawing alone would be decoded much faster than a photograph. */
async function withNoise(jpeg: Buffer): Promise<Buffer> {
  const sharp = loadSharp();
  const { width, height } = await sharp(jpeg).metadata();
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const;
  const layer = await sharp({ create: { width, height, channels: 3, background: '#808080', noise } })
    .png()
    .toBuffer();
  return sharp(jpeg)
    .composite([{ input: layer, blend: 'soft-light' }])
    .jpeg({ quality: 95 })
    .toBuffer();
}

function loadSharp(): typeof sharpType {
  return createRequire(new URL('../../classifier/', import.meta.url))('sharp');
}
