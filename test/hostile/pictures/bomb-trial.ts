import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blockOtherLoaders } from '../../../classifier/decode/block-other-loaders.ts';
import type { Trial } from '../kind.ts';
import { BOMBS } from './bombs.ts';
import { tryDecoding, tryThumbnail } from './try-picture.ts';

const WRITER = fileURLToPath(new URL('write-bombs.ts', import.meta.url));
const WAYS = [
  ['decoded', tryDecoding],
  ['thumbnail', tryThumbnail],
] as const;

/** How many inputs there are: each bomb is decoded, and a thumbnail is made of it. */
export const BOMB_INPUTS = Object.keys(BOMBS).length * WAYS.length;

/**
 * Opens the bombs. Another process makes them, so that the memory that this takes is not counted.
 */
export async function openBombs(folder: string): Promise<Trial> {
  const names = Object.keys(BOMBS);
  execFileSync(process.execPath, ['--import', 'tsx', WRITER, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  blockOtherLoaders();
  return {
    async make(_random, index) {
      const place = Math.floor(index / WAYS.length) % names.length;
      const [way, run] = WAYS[index % WAYS.length] ?? WAYS[0];
      const file = await readFile(join(folder, `bomb-${place}`));
      return { mutation: `${names[place]}, ${way}, ${file.length} bytes`, file, run: () => run(file) };
    },
    close: async () => undefined,
  };
}
