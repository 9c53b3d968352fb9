import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activationMap, MAP_SIDE } from '../../classifier/activation-map.ts';
import { type Classifier, openClassifier } from '../../classifier/classifier.ts';
import { readClassifierRow } from '../../classifier/classifier-weights.ts';
import { decodeImage } from '../../classifier/decode/decode.ts';
import { InvalidArgumentError } from '../../classifier/errors.ts';
import { openSession } from '../../classifier/session.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

const PLACES = MAP_SIDE * MAP_SIDE;

let folder: string;
let packageDir: string;
let classifier: Classifier;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-map-'));
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

test('each channel is multiplied by its weight', () => {
  const features = Float32Array.from({ length: 2 * PLACES }, (_, index) => (index < PLACES ? index : 1));

  const map = activationMap(features, Float32Array.of(2, -3));

  expect(map).toEqual(Float32Array.from({ length: PLACES }, (_, place) => 2 * place - 3));
});

test('features with another number of channels than the weights are an error', () => {
  expect(() => activationMap(new Float32Array(PLACES), Float32Array.of(1, 2))).toThrow(InvalidArgumentError);
  expect(() => activationMap(new Float32Array(PLACES), Float32Array.of(1, 2))).toThrow(
    'expected 98 values for features (7 x 7 for each of 2 weights), received 49',
  );
});

test("a class's logit is the mean of its map plus its bias, for any image", async () => {
  const { manifest } = classifier;
  const session = await openSession(packageDir, manifest);
  const weights = await readClassifierRow(packageDir, manifest, 985);
  const biases: number[] = [];
  for (const name of ['daisy-1', 'pizza-1', 'maze-1']) {
    const { pixels } = await decodeImage(await picture(name), manifest.preprocessing);
    const { logits, features } = await session.runWithFeatures(pixels, 1);
    const mean = activationMap(features, weights).reduce((a, b) => a + b, 0) / PLACES;
    biases.push((logits[985] ?? Number.NaN) - mean);
  }
  await session.release();

  expect(biases[1]).toBeCloseTo(biases[0] ?? Number.NaN, 4);
  expect(biases[2]).toBeCloseTo(biases[0] ?? Number.NaN, 4);
});
