/** Writes the generated blocks of the pages in docs/, and the plot: `npm run docs`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fillBlocks } from './fill-blocks.ts';
import { makeBlocks } from './make-blocks.ts';
import { peersPlot } from './peers-plot.ts';

const DOCS = fileURLToPath(new URL('../', import.meta.url));

const blocks = makeBlocks();
for (const name of readdirSync(DOCS).filter((file) => file.endsWith('.md'))) {
  const before = readFileSync(`${DOCS}${name}`, 'utf8');
  const after = fillBlocks(before, blocks);
  if (after === before) continue;
  writeFileSync(`${DOCS}${name}`, after);
  process.stdout.write(`docs/${name}\n`);
}
writeFileSync(`${DOCS}peers.svg`, peersPlot());
