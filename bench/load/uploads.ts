/**
 * Uploads pictures of mixed sizes to the local stack at the highest rate that it takes: 64 are
 * always under way. Shows what becomes of memory, open files, times and errors.
 *
 *   node --import tsx bench/load/uploads.ts [IMAGES]
 *
 * IMAGES: default 50,000. Linux only. Results, written every five seconds:
 * bench/results/load-uploads.json and load-uploads.svg.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { startLoadStack } from './load-stack.ts';
import { drawPictures } from './pictures.ts';
import { startRecorder } from './recorder.ts';
import { runUploads } from './run-uploads.ts';

const AT_ONCE = 64;
const count = Number(process.argv[2] ?? 50_000);

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-load-'));
try {
  const packageDir = await ensureSamplePackage(folder);
  const pictures = await drawPictures(packageDir);
  const stack = await startLoadStack(packageDir, folder);
  const recorder = startRecorder({
    name: 'load-uploads',
    title: 'Uploads to the local stack, 64 at a time',
    pid: stack.pid,
    about: { imagesAskedFor: count, atOnce: AT_ONCE, model: 'sample' },
  });
  try {
    await runUploads({ stack, pictures, recorder, atOnce: AT_ONCE, count });
  } finally {
    console.log(await recorder.end());
    await stack.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
