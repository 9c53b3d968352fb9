import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClassifier } from '../../../classifier/classifier.ts';
import { renderPictures } from '../../../models/sample/drawing/render.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';

/**
 * A seed of pictures with which the model was neither trained nor checked: those began at 12345 and
 * 99000001.
 */
const FRESH_SEED = 550_000_001;
const PER_CLASS = 10;
const LEAST_RIGHT = 0.98;

test('at least 98% of 320 newly drawn pictures are recognised', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'accuracy-'));
  const classifier = await openClassifier(await ensureSamplePackage(folder));
  let right = 0;
  let all = 0;
  for await (const { index, jpeg } of renderPictures(FRESH_SEED, PER_CLASS, 256)) {
    const [entry] = await classifier.classify([jpeg], { top: 1 });
    if (entry && 'predictions' in entry && entry.predictions[0]?.index === index) right += 1;
    all += 1;
  }
  await classifier.close();
  await rm(folder, { recursive: true });

  expect(all).toBe(320);
  expect(right / all).toBeGreaterThanOrEqual(LEAST_RIGHT);
});
