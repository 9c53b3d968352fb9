/**
 * Classifies the pictures of a folder from memory, one by one, and prints what that took:
 * `node --import tsx bench/bare-engine.mjs PACKAGE FOLDER COUNT`. bench/one-worker.ts starts it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blockOtherLoaders, openClassifier } from '../classifier/index.ts';

const [, , packageDir = '', folder = '', count = ''] = process.argv;
/** As many as `classify --output` keeps. */
const TOP = 10;

const names = await readdir(folder);
const pictures = await Promise.all(names.map((name) => readFile(join(folder, name))));
blockOtherLoaders();
const classifier = await openClassifier(packageDir);
await classifier.classify(pictures.slice(0, 1), { top: TOP });
const [startedAt, before] = [performance.now(), process.cpuUsage()];
for (let index = 0; index < Number(count); index += 1) {
  const [entry] = await classifier.classify([pictures[index % pictures.length] ?? Buffer.alloc(0)], { top: TOP });
  if (entry === undefined || 'error' in entry) throw new Error('a picture was not classified', { cause: entry });
}
const { user, system } = process.cpuUsage(before);
const wallMs = (performance.now() - startedAt) / Number(count);
process.stdout.write(JSON.stringify({ wallMs, processorMs: (user + system) / 1000 / Number(count) }));
await classifier.close();
