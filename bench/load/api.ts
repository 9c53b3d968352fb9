/**
 * Asks the API of the local stack with 64 clients: three quarters of the requests classify a
 * picture of mixed size, the others read. Shows what becomes of memory, open files, times and
 * errors. After the first minute and at the end the stack rests, so that its memory can be
 * compared.
 *
 *   node --import tsx bench/load/api.ts [SECONDS]
 *
 * SECONDS: default 1,800, more than 60. Linux only. Results, written every five seconds:
 * bench/results/load-api.json and load-api.svg.
 */
import { runLoad } from './run-load.ts';
import { runRequests } from './run-requests.ts';
import { runUploads } from './run-uploads.ts';

const CLIENTS = 64;
/** Images that the requests read of. */
const STORED = 200;
const WARM_UP_SECONDS = 60;
const seconds = Number(process.argv[2] ?? 1_800);

await runLoad({
  name: 'load-api',
  title: 'The API of the local stack, 64 clients',
  about: { secondsAskedFor: seconds, clients: CLIENTS, model: 'sample' },
  prepare: async (loaded) => {
    const stored = { onAnswer() {}, onError: (what: string) => console.error(what) };
    await runUploads({ ...loaded, recorder: stored, atOnce: 10, to: STORED });
  },
  async work({ stack: { url }, pictures, recorder }) {
    for (const part of [WARM_UP_SECONDS, seconds - WARM_UP_SECONDS]) {
      await runRequests({ url, pictures, recorder, clients: CLIENTS, seconds: part });
      await recorder.rest();
    }
  },
});
process.exit();
