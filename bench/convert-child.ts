/**
 * One measured process of bench/convert.ts. It prints how many seconds its work took, then its
 * result.
 */
import { copyFile } from 'node:fs/promises';
import { readManifest } from '../classifier/manifest.ts';
import { INPUT_ELEMENTS } from '../classifier/self-test.ts';
import { openSession } from '../classifier/session.ts';
import { convertCheckpoint } from '../models/convert.ts';
import { hashFile } from '../models/package/hash-file.ts';

const [mode, checkpoint = '', packageDir = ''] = process.argv.slice(2);
const start = performance.now();
const output = mode === 'convert' ? await convert() : await copyHashAndRun();
process.stdout.write(`${(performance.now() - start) / 1000}\n${JSON.stringify(output)}\n`);

async function convert() {
  const { parameters, selfTest } = await convertCheckpoint({ checkpoint, out: packageDir });
  return { parameters, tolerance: selfTest.tolerance };
}

/**
 * Does what every conversion must do at least: write the bytes, hash them, and run the model once,
 * with the options of the converter.
 */
async function copyHashAndRun() {
  await copyFile(checkpoint, `${checkpoint}.copy`);
  const sha256 = await hashFile(checkpoint);
  const manifest = await readManifest(packageDir);
  const session = await openSession(packageDir, manifest, { optimization: 'extended', selfTest: false });
  await session.run(new Uint8Array(INPUT_ELEMENTS), 1);
  await session.release();
  return { sha256 };
}
