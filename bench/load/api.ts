/**
 * Asks the API of the local stack with 64 clients: three quarters of the requests classify a
 * picture of mixed size, the others read. Shows what becomes of memory, open files, times and
 * errors.
 *
 *   node --import tsx bench/load/api.ts [SECONDS]
 *
 * SECONDS: default 1,800. Linux only. Results, written every five seconds:
 * bench/results/load-api.json and load-api.svg.
 */
import { runLoad } from './run-load.ts';
import { runRequests } from './run-requests.ts';
import { runUploads } from './run-uploads.ts';

const CLIENTS = 64;
/** Images that the requests read of. */
const STORED = 200;
const seconds = Number(process.argv[2] ?? 1_800);

await runLoad({
  name: 'load-api',
  title: 'The API of the local stack, 64 clients',
  about: { secondsAskedFor: seconds, clients: CLIENTS, model: 'sample' },
  prepare: (loaded) => {
    const stored = { onAnswer() {}, onError: (what: string) => console.error(what) };
    return runUploads({ ...loaded, recorder: stored, atOnce: 10, count: STORED });
  },
  work: ({ stack: { url }, pictures, recorder }) => runRequests({ url, pictures, recorder, clients: CLIENTS, seconds }),
});
process.exit();
