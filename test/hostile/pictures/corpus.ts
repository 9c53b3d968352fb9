import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import type sharpType from 'sharp';
import type { Sharp } from 'sharp';
import { detectFormat } from '../../../classifier/decode/format.ts';
import type { ImageFormat } from '../../../classifier/decode/image.ts';
import { gradient, patches } from '../../classifier/decode/drawn.ts';
import { CMYK, GREY, RGB, WHITE_IS_ZERO, YCBCR } from '../../classifier/decode/tiff/drawn-tiff.ts';
import { writeTiff } from '../../classifier/decode/tiff/write-tiff.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

/** A picture that is still sound, or one of a kind that is refused by name. */
export interface CorpusPicture {
  readonly name: string;
  readonly format: ImageFormat;
  readonly bytes: Buffer;
}

const FIXTURES = ['pictures', 'avif', 'heic'].map((folder) => join(import.meta.dirname, '../../fixtures', folder));
const EXTENSIONS = new Set(['.avif', '.gif', '.heic', '.jpg', '.png', '.tif', '.webp']);
/** Larger fixtures say nothing more, and take longer. */
const MAX_BYTES = 32_000;
/** Small, so that 100,000 of them take minutes. Not a multiple of a block or a tile. */
const [WIDTH, HEIGHT] = [27, 19];
const TIFF_COMPRESSIONS = ['none', 'jpeg', 'deflate', 'packbits', 'lzw', 'webp'] as const;

/** Returns pictures of every kind that the product takes, from the fixtures and drawn here. */
export async function pictureCorpus(): Promise<readonly CorpusPicture[]> {
  const drawn = await Promise.all(
    Object.entries(drawings()).map(async ([name, picture]) => ({ name, bytes: await picture.toBuffer() })),
  );
  return [...fixtures(), ...drawn, ...writtenTiffs()].map((one) => ({ ...one, format: detectFormat(one.bytes) }));
}

function fixtures(): { readonly name: string; readonly bytes: Buffer }[] {
  return FIXTURES.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => EXTENSIONS.has(extname(path)))
    .map((path) => ({ name: path.split('/').slice(-2).join('/'), bytes: readFileSync(path) }))
    .filter(({ bytes }) => bytes.length <= MAX_BYTES)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * Pictures that sharp writes: every depth, progressive, interlaced, tiled, animated, with metadata.
 */
function drawings(): Record<string, Sharp> {
  const colour = () => gradient(WIDTH, HEIGHT);
  const detail = () => sharp(patches(WIDTH, HEIGHT), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  const grey = () => colour().toColourspace('b-w');
  const clear = () => colour().ensureAlpha(0.4);
  const deep = () => colour().toColourspace('rgb16');
  const tagged = (picture: Sharp) =>
    picture
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'somebody', Orientation: '6' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');
  const animated = () =>
    sharp(patches(WIDTH, 3 * HEIGHT), { raw: { width: WIDTH, height: 3 * HEIGHT, channels: 3, pageHeight: HEIGHT } });
  return {
    'jpeg baseline': detail().jpeg(),
    'jpeg progressive': detail().jpeg({ progressive: true }),
    'jpeg 4:4:4': detail().jpeg({ chromaSubsampling: '4:4:4' }),
    'jpeg grey': grey().jpeg(),
    'jpeg cmyk': detail().toColourspace('cmyk').jpeg(),
    'jpeg tagged': tagged(detail()).jpeg(),
    'png rgb': detail().png(),
    'png interlaced': detail().png({ progressive: true }),
    'png grey': grey().png(),
    'png alpha': clear().png(),
    'png 16 bits': deep().png(),
    'png 16 bits interlaced': deep().png({ progressive: true }),
    'png palette': detail().png({ palette: true, colours: 16 }),
    'png 1 bit': colour().png({ palette: true, colours: 2 }),
    'png tagged': tagged(detail()).png(),
    'webp lossy': detail().webp(),
    'webp lossless': detail().webp({ lossless: true }),
    'webp alpha': clear().webp(),
    'webp animated': animated().webp({ loop: 1, delay: [10, 20, 30] }),
    'webp tagged': tagged(clear()).webp(),
    'gif still': detail().gif(),
    'gif interlaced': detail().gif({ progressive: true }),
    'gif alpha': clear().gif(),
    'gif animated': animated().gif(),
    ...Object.fromEntries(
      TIFF_COMPRESSIONS.map((compression) => [`tiff ${compression}`, detail().tiff({ compression })]),
    ),
    'tiff fax': grey().tiff({ compression: 'ccittfax4', bitdepth: 1 }),
    'tiff tiled': detail().tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }),
    'tiff tiled jpeg': detail().tiff({ compression: 'jpeg', tile: true, tileWidth: 16, tileHeight: 16 }),
    'tiff pyramid': sharp(patches(80, 60), { raw: { width: 80, height: 60, channels: 3 } }).tiff({
      pyramid: true,
      tile: true,
      tileWidth: 32,
      tileHeight: 32,
    }),
    'tiff bigtiff': detail().tiff({ bigtiff: true, compression: 'lzw', predictor: 'horizontal' }),
    'tiff float': detail().tiff({ predictor: 'float', compression: 'lzw' }),
    'tiff 4 bits': grey().tiff({ bitdepth: 4 }),
    'tiff tagged': tagged(detail()).tiff(),
    'avif 8 bits': detail().avif({ effort: 0 }),
    'avif 4:2:0': detail().avif({ effort: 0, chromaSubsampling: '4:2:0' }),
    'avif 10 bits': detail().avif({ effort: 0, bitdepth: 10 }),
    'avif lossless': detail().avif({ effort: 0, lossless: true }),
    'avif alpha': clear().avif({ effort: 0 }),
    'avif tagged': tagged(detail()).avif({ effort: 0 }),
  };
}

/** TIFFs that no library writes. */
function writtenTiffs(): { readonly name: string; readonly bytes: Buffer }[] {
  const size = { width: WIDTH, height: HEIGHT };
  const sample = (x: number, y: number, kind: number) => (7 * x + 11 * y + 50 * kind) % 2;
  const rgb = { ...size, samples: 3, photometric: RGB };
  const grey = { ...size, samples: 1, photometric: GREY };
  const kinds = {
    'tiff 1 bit': { ...grey, bits: 1, photometric: WHITE_IS_ZERO },
    'tiff 12 bits big-endian': { ...rgb, bits: 12, bigEndian: true },
    'tiff 16 bits planar': { ...rgb, bits: 16, planar: true },
    'tiff 32 bits signed tiled': { ...grey, bits: 32, format: 2, tile: 16 },
    'tiff 64 bits float bigtiff': { ...grey, bits: 64, format: 3, bigTiff: true },
    'tiff alpha deflate': { ...rgb, samples: 4, bits: 8, extras: [1], deflate: true },
    'tiff cmyk planar tiled': { ...size, samples: 4, photometric: CMYK, bits: 8, planar: true, tile: 16 },
    'tiff ycbcr': { ...rgb, photometric: YCBCR, bits: 8, tags: { 530: [1, 1] } },
  } as const;
  return Object.entries(kinds).map(([name, options]) => ({ name, bytes: writeTiff(options, sample) }));
}
