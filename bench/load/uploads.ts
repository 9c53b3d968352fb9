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
const count = Number(process.argv[2] ?? 50_000);

await runLoad({
  name: 'load-uploads',
  title: 'Uploads to the local stack, 64 at a time',
  about: { imagesAskedFor: count, atOnce: AT_ONCE, model: 'sample' },
  work: (loaded) => runUploads({ ...loaded, atOnce: AT_ONCE, count }),
});
process.exit();
