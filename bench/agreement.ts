/**
 * Measures how often int8 gives the same answer as fp32, calibrated without images and with 64. It
 * uses the sample model and the trained ResNeXt of the tests, on 960 drawn pictures with which
 * neither was trained or calibrated.
 *
 *   node --import tsx bench/agreement.ts
 *
 * Results: bench/results/agreement.json.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage } from '../classifier/decode/decode.ts';
import { readManifest } from '../classifier/manifest.ts';
import { openSession } from '../classifier/session.ts';
import { convertCheckpoint } from '../models/convert.ts';
import { measureAgreement } from '../models/package/fidelity.ts';
import { quantizePackage } from '../models/quantize.ts';
import { renderPictures } from '../models/sample/drawing/render.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { report } from './report.ts';

const RESNEXT = fileURLToPath(
  new URL('../test/fixtures/checkpoints/resnext-trained/model.safetensors', import.meta.url),
);
const TEST_SEED = 910_000_001;
const TEST_PER_CLASS = 30;
const CALIBRATION_SEED = 920_000_001;
/** A third of these pictures, 64, is used for calibration. */
const CALIBRATION_PER_CLASS = 6;
const SIDE = 256;

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
try {
  const sample = await ensureSamplePackage(folder);
  const resnext = join(folder, 'resnext');
  const { preprocessing } = await convertCheckpoint({ checkpoint: RESNEXT, out: resnext });
  const images = join(folder, 'images');
  await mkdir(images);
  let number = 0;
  for await (const { jpeg } of renderPictures(CALIBRATION_SEED, CALIBRATION_PER_CLASS, SIDE)) {
    await writeFile(join(images, `${number}.jpg`), jpeg);
    number += 1;
  }
  const pictures: Uint8Array[] = [];
  for await (const { jpeg } of renderPictures(TEST_SEED, TEST_PER_CLASS, SIDE)) {
    pictures.push((await decodeImage(jpeg, preprocessing)).pixels);
  }
  const rows = [];
  for (const [model, float] of Object.entries({ sample, resnext })) {
    for (const [calibration, options] of Object.entries({ 'batch norms': {}, images: { images } })) {
      const out = join(folder, `${model}-${calibration.replace(' ', '-')}.int8`);
      const { fidelity } = await quantizePackage({ package: float, out, ...options });
      rows.push({ model, calibration: fidelity?.calibration, ...(await agreement(float, out, pictures)) });
    }
  }
  await report('agreement', rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function agreement(float: string, int8: string, pictures: readonly Uint8Array[]) {
  const manifest = await readManifest(float);
  const sessions = await Promise.all([openSession(float, manifest), openSession(int8, await readManifest(int8))]);
  const found = await measureAgreement(...sessions, manifest.labels, pictures);
  await Promise.all(sessions.map((session) => session.release()));
  return found;
}
