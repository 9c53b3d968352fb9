/**
 * Measures what decoding HEIC costs: time, CPU time and memory, each file in this process, several
 * times. Give one file per run, because the peak of memory is that of the whole process.
 *
 *   node --import tsx bench/heic.ts photo.heic
 *
 * The file of 12 megapixels in bench/results/heic.json came from `heif-enc -q 50 -p
 * x265:preset=ultrafast p12.png`, the one of 48 from the same with `-q 45`; both show waves.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { blockOtherLoaders, decodeImage, type Preprocessing } from '../classifier/index.ts';
import { startProcessorClock } from '../test/processor-time.ts';
import { median } from './measure.ts';

const PREPROCESSING: Preprocessing = {
  resize: 256,
  crop: 224,
  interpolation: 'bilinear',
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
const REPEATS = 5;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('give a HEIC file: node --import tsx bench/heic.ts photo.heic');
const bytes = await readFile(path);
blockOtherLoaders();
const before = process.memoryUsage().rss;
const [milliseconds, cpu]: [number[], number[]] = [[], []];
let size = { width: 0, height: 0 };
for (let repeat = 0; repeat <= REPEATS; repeat += 1) {
  const [start, cpuMs] = [performance.now(), startProcessorClock()];
  size = await decodeImage(bytes, PREPROCESSING);
  milliseconds.push(performance.now() - start);
  cpu.push(cpuMs());
}
const row = {
  file: basename(path),
  megapixels: Math.round((size.width * size.height) / 1e5) / 10,
  /** The first one starts the thread and compiles libheif. */
  firstMs: Math.round(milliseconds[0] ?? 0),
  medianMs: Math.round(median(milliseconds.slice(1))),
  medianCpuMs: Math.round(median(cpu.slice(1))),
  peakExtraMb: Math.round((process.resourceUsage().maxRSS * 1024 - before) / 1e6),
  keptMb: Math.round((process.memoryUsage().rss - before) / 1e6),
};
process.stdout.write(`${JSON.stringify(row)}\n`);
