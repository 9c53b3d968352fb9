/** Writes all bombs into a folder: `bomb-0` and so on, in the order of BOMBS. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BOMBS } from './bombs.ts';

const [folder = ''] = process.argv.slice(2);
for (const [index, make] of Object.values(BOMBS).entries()) {
  await writeFile(join(folder, `bomb-${index}`), await make());
}
