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
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { startLoadStack } from './load-stack.ts';
import { drawPictures } from './pictures.ts';
import { startRecorder } from './recorder.ts';
import { runRequests } from './run-requests.ts';
import { runUploads } from './run-uploads.ts';

const CLIENTS = 64;
/** Images that the requests read of. */
const STORED = 200;
const seconds = Number(process.argv[2] ?? 1_800);

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-load-'));
try {
  const packageDir = await ensureSamplePackage(folder);
  const pictures = await drawPictures(packageDir);
  const stack = await startLoadStack(packageDir, folder);
  const stored = { onAnswer() {}, onError: (what: string) => console.error(what) };
  await runUploads({ stack, pictures, recorder: stored, atOnce: 10, count: STORED });
  const recorder = startRecorder({
    name: 'load-api',
    title: 'The API of the local stack, 64 clients',
    pid: stack.pid,
    about: { secondsAskedFor: seconds, clients: CLIENTS, model: 'sample' },
  });
  try {
    await runRequests({ url: stack.url, pictures, recorder, clients: CLIENTS, seconds });
  } finally {
    console.log(await recorder.end());
    await stack.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
