/**
 * Renders a set of drawn pictures.
 *
 *   node --import tsx models/sample/render-set.ts SEED PER_CLASS SIZE OUT [--training]
 *
 * Without --training it writes JPEGs whose shorter side is SIZE, as OUT/WNID/NUMBER.jpg. With it,
 * it writes what train.py reads: OUT.u8, uint8 [N, SIZE, SIZE, 3] RGB, cropped to squares, and
 * OUT.lab, uint16 [N], the ImageNet-1k indices.
 */
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type sharpType from 'sharp';
import { renderPictures } from './drawing/render.ts';

const USAGE = 'usage: render-set.ts SEED PER_CLASS SIZE OUT [--training], the first three whole numbers';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { training: { type: 'boolean', default: false } },
});
const [seed, perClass, size] = positionals.slice(0, 3).map(Number);
const out = positionals[3];
if (!isWhole(seed) || !isWhole(perClass) || !isWhole(size) || out === undefined || positionals.length > 4) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
await (values.training ? writeTraining(seed, perClass, size, out) : writeFolders(seed, perClass, size, out));

async function writeFolders(seed: number, perClass: number, size: number, out: string): Promise<void> {
  const labels = new URL('../labels/imagenet1k.json', import.meta.url);
  const classes: readonly { readonly wnid: string }[] = JSON.parse(await readFile(labels, 'utf8'));
  const written = new Map<number, number>();
  for await (const { index, jpeg } of renderPictures(seed, perClass, size)) {
    const number = (written.get(index) ?? 0) + 1;
    written.set(index, number);
    const folder = join(out, classes[index]?.wnid ?? String(index));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${number}.jpg`), jpeg);
  }
}

async function writeTraining(seed: number, perClass: number, size: number, out: string): Promise<void> {
  const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');
  await using pixels = await open(`${out}.u8`, 'w');
  await using labels = await open(`${out}.lab`, 'w');
  for await (const { index, jpeg } of renderPictures(seed, perClass, size)) {
    await pixels.write(
      await sharp(jpeg).resize(size, size, { fit: 'cover' }).removeAlpha().toColourspace('srgb').raw().toBuffer(),
    );
    await labels.write(Uint8Array.of(index & 0xff, index >> 8));
  }
}

function isWhole(value: number | undefined): value is number {
  return Number.isInteger(value);
}
