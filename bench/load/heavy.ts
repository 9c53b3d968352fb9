/**
 * Keeps the heavy worker of the local stack busy: 500 images that request the heavy model are
 * always in its queue. Shows what becomes of memory, open files, times and errors. After the first
 * minute and at the end the stack rests, so that its memory can be compared.
 *
 *   node --import tsx bench/load/heavy.ts [SECONDS]
 *
 * SECONDS: default 3,600, more than 60. The heavy model is the sample model too. Linux only.
 * Results, written every five seconds: bench/results/load-heavy.json and load-heavy.svg.
 */
import { runLoad } from './run-load.ts';
import { runUploads } from './run-uploads.ts';

const AT_ONCE = 500;
const WARM_UP_SECONDS = 60;
/** The local stack's name for a heavy model that is also the small one. */
const HEAVY = 'sample.heavy';
const seconds = Number(process.argv[2] ?? 3_600);

await runLoad({
  name: 'load-heavy',
  title: 'The heavy worker of the local stack, 500 images in its queue',
  about: { secondsAskedFor: seconds, atOnce: AT_ONCE, model: HEAVY },
  startOptions: (packageDir) => ['--heavy-model', packageDir],
  async work(loaded) {
    let from = 0;
    for (const part of [WARM_UP_SECONDS, seconds - WARM_UP_SECONDS]) {
      from = await runUploads({ ...loaded, atOnce: AT_ONCE, from, seconds: part, model: HEAVY });
      await loaded.recorder.rest();
    }
  },
});
process.exit();
