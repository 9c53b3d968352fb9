/** Writes the generated blocks of README.md, SECURITY.md and the pages in docs/, and the plot: `npm run docs`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fillBlocks } from './fill-blocks.ts';
import { makeBlocks } from './make-blocks.ts';
import { peersPlot } from './peers-plot.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const blocks = makeBlocks();
const pages = readdirSync(`${ROOT}docs`).filter((file) => file.endsWith('.md'));
for (const path of ['README.md', 'SECURITY.md', ...pages.map((name) => `docs/${name}`)]) {
  const before = readFileSync(`${ROOT}${path}`, 'utf8');
  const after = fillBlocks(before, blocks);
  if (after === before) continue;
  writeFileSync(`${ROOT}${path}`, after);
  process.stdout.write(`${path}\n`);
}
writeFileSync(`${ROOT}docs/peers.svg`, peersPlot());
