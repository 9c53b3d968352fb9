import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type sharpType from 'sharp';
import { activationMap, MAP_SIDE } from '../../classifier/activation-map.ts';
import { type Classifier, openClassifier } from '../../classifier/classifier.ts';
import { readClassifierRow } from '../../classifier/classifier-weights.ts';
import { decodeImage } from '../../classifier/decode/decode.ts';
import { explain } from '../../classifier/explain.ts';
import { openSession } from '../../classifier/session.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

let folder: string;
let packageDir: string;
let classifier: Classifier;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-explain-'));
  packageDir = await ensureSamplePackage(folder);
  classifier = await openClassifier(packageDir);
});

afterAll(async () => {
  await classifier?.close();
  await rm(folder, { recursive: true, force: true });
});

function picture(name: string): Promise<Buffer> {
  return readFile(new URL(`../../models/sample/images/${name}.jpg`, import.meta.url));
}

/** Returns an answer with or without its explanation. */
async function answer(name: string, explained: boolean) {
  const [entry] = await classifier.classify([await picture(name)], { explain: explained });
  if (entry === undefined || 'error' in entry) throw new TypeError('expected an answer');
  return entry;
}

test('an explanation shows the best class, and its map is strongest on the flower', async () => {
  const { predictions, explanation } = await answer('daisy-1', true);

  expect(explanation).toMatchObject({ label: 'daisy', index: predictions[0]?.index });
  const values = explanation?.map ?? new Float32Array();
  const inside = [2, 3, 4].flatMap((row) => [2, 3, 4].map((column) => values[row * MAP_SIDE + column] ?? 0));
  const corners = [0, 6, 42, 48].map((place) => values[place] ?? 0);
  expect(Math.max(...inside)).toBeGreaterThan(Math.max(...corners));
});

test("the overlay is a PNG with the image's proportions, and the region is the crop", async () => {
  const { image, explanation } = await answer('daisy-1', true);

  expect([image.width, image.height]).toEqual([320, 360]);
  const { png = new Uint8Array(), ...size } = explanation?.overlay ?? {};
  expect(size).toEqual({ width: 128, height: 144 });
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', channels: 4, ...size });
  // The shorter side becomes 256; the crop of 224 is what the model saw.
  expect(explanation?.region).toEqual({ left: 20, top: 40, width: 280, height: 280 });
});

test('any other class can be explained from the same features', async () => {
  const { manifest } = classifier;
  const session = await openSession(packageDir, manifest);
  const { pixels, width, height } = await decodeImage(await picture('pizza-1'), manifest.preprocessing);
  const { features } = await session.runWithFeatures(pixels, 1);
  await session.release();

  const { label, index, map } = await explain(
    { packageDir, manifest },
    features,
    { width, height },
    { label: 'daisy', index: 985 },
  );

  expect([label, index]).toEqual(['daisy', 985]);
  expect(map).toEqual(activationMap(features, await readClassifierRow(packageDir, manifest, 985)));
});

test('the time of an explanation is reported separately and is part of the total', async () => {
  const { timings } = await answer('daisy-1', true);

  expect(timings.explain).toBeGreaterThan(0);
  expect(timings.total).toBeCloseTo(timings.decode + timings.run + (timings.explain ?? Number.NaN), 3);
});

test('without `explain` there is no explanation, and the predictions are the same', async () => {
  const plain = await answer('pizza-1', false);
  const explained = await answer('pizza-1', true);

  expect(plain).not.toHaveProperty('explanation');
  expect(plain.timings).not.toHaveProperty('explain');
  expect(explained.predictions).toEqual(plain.predictions);
});
