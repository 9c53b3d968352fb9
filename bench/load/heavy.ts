/**
 * Keeps the heavy worker of the local stack busy: 500 images that request the heavy model are
 * always in its queue. Shows what becomes of memory, open files, times and errors.
 *
 *   node --import tsx bench/load/heavy.ts [SECONDS]
 *
 * SECONDS: default 3,600. The heavy model is the sample model too. Linux only. Results, written
 * every five seconds: bench/results/load-heavy.json and load-heavy.svg.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { startLoadStack } from './load-stack.ts';
import { drawPictures } from './pictures.ts';
import { startRecorder } from './recorder.ts';
import { runUploads } from './run-uploads.ts';

const AT_ONCE = 500;
/** The local stack's name for a heavy model that is also the small one. */
const HEAVY = 'sample.heavy';
const seconds = Number(process.argv[2] ?? 3_600);

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-load-'));
try {
  const packageDir = await ensureSamplePackage(folder);
  const pictures = await drawPictures(packageDir);
  const stack = await startLoadStack(packageDir, folder, { options: ['--heavy-model', packageDir] });
  const recorder = startRecorder({
    name: 'load-heavy',
    title: 'The heavy worker of the local stack, 500 images in its queue',
    pid: stack.pid,
    about: { secondsAskedFor: seconds, atOnce: AT_ONCE, model: HEAVY },
  });
  try {
    await runUploads({ stack, pictures, recorder, atOnce: AT_ONCE, seconds, model: HEAVY });
  } finally {
    console.log(await recorder.end());
    await stack.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
