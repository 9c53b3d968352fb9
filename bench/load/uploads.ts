/**
 * Uploads pictures of mixed sizes to the local stack at the highest rate that it takes: 64 are
 * always under way. Shows what becomes of memory, open files, times and errors.
 *
 *   node --import tsx bench/load/uploads.ts [IMAGES]
 *
 * IMAGES: default 50,000. Linux only. Results, written every five seconds:
 * bench/results/load-uploads.json and load-uploads.svg.
 */
import { runLoad } from './run-load.ts';
import { runUploads } from './run-uploads.ts';

const AT_ONCE = 64;
const WARM_UP = 1_000;
const REST_EVERY = 10_000;
const count = Number(process.argv[2] ?? 50_000);
const tens = Array.from({ length: Math.floor(count / REST_EVERY) }, (_, index) => (index + 1) * REST_EVERY);
const restsAt = [WARM_UP, ...tens, count].filter((at, index, all) => at <= count && all.indexOf(at) === index);

await runLoad({
  name: 'load-uploads',
  title: 'Uploads to the local stack, 64 at a time',
  about: { imagesAskedFor: count, atOnce: AT_ONCE, model: 'sample' },
  async work(loaded) {
    let from = 0;
    for (const to of restsAt) {
      from = await runUploads({ ...loaded, atOnce: AT_ONCE, from, to });
      await loaded.recorder.rest();
    }
  },
});
process.exit();
