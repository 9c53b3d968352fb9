/**
 * The bare engine in a process of its own: `node --import tsx bench/backfill-engine.ts PACKAGE
 * PICTURE`. For each message of its parent, a number, it classifies the picture so many times, one
 * after the other, and says how long that took.
 */
import { readFile } from 'node:fs/promises';
import { openClassifier } from '../classifier/classifier.ts';

const [packageDir = '', file = ''] = process.argv.slice(2);
const picture = await readFile(file);
const classifier = await openClassifier(packageDir);

process.on('disconnect', () => process.exit());
process.on('message', async (images: number) => {
  const start = performance.now();
  const before = process.cpuUsage();
  for (let image = 0; image < images; image += 1) await classifier.classify([picture], { top: 10 });
  const { user, system } = process.cpuUsage(before);
  process.send?.({ wallMs: performance.now() - start, cpuMs: (user + system) / 1000 });
});
process.send?.('ready');
