import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type sharpType from 'sharp';
import { decodeImage } from '../../../../classifier/decode/decode.ts';
import { TruncatedImageError } from '../../../../classifier/errors.ts';
import { PREPROCESSING } from '../../preprocessing.ts';
import { grid, takeItems, type WrittenItem, writeHeif } from './heif-writer.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

const HEIF_ENC = '/usr/bin/heif-enc';
const needsHeifEnc = existsSync(HEIF_ENC) ? test : test.skip;

/** Largest mean difference from the source's crop, of 255. */
const MAX_MEAN_DIFFERENCE = 1.5;
/** The 48 megapixels of a phone, in 7 by 7 tiles. */
const TILE = { width: 1152, height: 864 };
const SIDE = 7;
const SIZE = { width: SIDE * TILE.width, height: SIDE * TILE.height };

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heif-enc-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Draws waves whose length and colour the seed gives. */
function waves(width: number, height: number, seed: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at += 3) {
    const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)];
    pixels[at] = 40 + (190 * x) / width;
    pixels[at + 1] = 40 + (190 * y) / height;
    pixels[at + 2] = 120 + 60 * Math.sin(x / (17 + 20 * seed)) * Math.cos(y / (13 + 20 * seed)) + 10 * seed;
  }
  return pixels;
}

async function drawTile(seed: number): Promise<string> {
  const path = join(folder, `tile-${seed}.png`);
  await sharp(waves(TILE.width, TILE.height, seed), { raw: { ...TILE, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toFile(path);
  return path;
}

needsHeifEnc(
  'a picture of 48 megapixels in tiles is decoded, and is incomplete when cut in half (needs heif-enc: apt-get install libheif-examples)',
  async () => {
    const tiles = await Promise.all([0, 1, 2, 3].map(drawTile));
    const coded = join(folder, 'tiles.heic');
    execFileSync(HEIF_ENC, ['-q', '50', '-p', 'x265:preset=ultrafast', ...tiles, '-o', coded], { stdio: 'ignore' });
    const four = takeItems(readFileSync(coded));
    const ids = Array.from({ length: SIDE * SIDE }, (_, at) => 10 + at);
    const items = ids.map((id, at) => ({ ...(four[at % four.length] as WrittenItem), id }));
    const file = writeHeif({
      primary: 1,
      items: [...items, grid(1, SIDE, SIDE, SIZE)],
      references: [['dimg', 1, ids]],
    });
    const source = await sharp({ create: { ...SIZE, channels: 3, background: 'white' } })
      .composite(
        ids.map((_, at) => ({
          input: tiles[at % tiles.length] ?? '',
          left: (at % SIDE) * TILE.width,
          top: Math.floor(at / SIDE) * TILE.height,
        })),
      )
      .png({ compressionLevel: 1 })
      .toBuffer();

    const [decoded, expected] = [
      await decodeImage(file, PREPROCESSING),
      await decodeImage(source, PREPROCESSING, { maxBytes: source.length }),
    ];

    expect({ width: decoded.width, height: decoded.height }).toEqual(SIZE);
    const total = decoded.pixels.reduce((sum, value, at) => sum + Math.abs(value - (expected.pixels[at] ?? 0)), 0);
    expect(total / decoded.pixels.length).toBeLessThanOrEqual(MAX_MEAN_DIFFERENCE);
    await expect(decodeImage(file.subarray(0, file.length / 2), PREPROCESSING)).rejects.toThrow(TruncatedImageError);
  },
  120_000,
);
