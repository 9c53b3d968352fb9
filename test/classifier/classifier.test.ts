import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Classifier,
  type ClassifyEntry,
  ClosedError,
  decodeImage,
  InvalidArgumentError,
  NotAnImageError,
  openClassifier,
} from 'autoswiftnet';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

interface Expected {
  readonly file: string;
  readonly top3: readonly { readonly index: number; readonly label: string; readonly probability: number }[];
}

const IMAGES = new URL('../../models/sample/images/', import.meta.url);
/** PyTorch's answers, with torchvision's transform on pixels that PIL decoded. */
const EXPECTED: readonly Expected[] = JSON.parse(readFileSync(new URL('expected.json', IMAGES), 'utf8'));
/** Decoders differ by one or two of 255. */
const PROBABILITY_TOLERANCE = 0.02;

let folder: string;
let classifier: Classifier;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'classifier-'));
  classifier = await openClassifier(await ensureSamplePackage(folder));
});

afterAll(async () => {
  await classifier.close();
  await rm(folder, { recursive: true });
});

const image = (file: string) => readFileSync(new URL(file, IMAGES));

function predictionsOf(entry: ClassifyEntry | undefined) {
  if (entry === undefined || 'error' in entry) throw entry?.error ?? new Error('no entry');
  return entry.predictions;
}

test("all 64 sample pictures get PyTorch's best class, and its three probabilities within 0.02", async () => {
  const entries = await classifier.classify(
    EXPECTED.map(({ file }) => image(file)),
    { top: 1000 },
  );

  expect(EXPECTED).toHaveLength(64);
  for (const [place, { file, top3 }] of EXPECTED.entries()) {
    const predictions = predictionsOf(entries[place]);
    expect([file, predictions[0]?.label]).toEqual([file, top3[0]?.label]);
    for (const { index, probability } of top3) {
      const found = predictions.find((prediction) => prediction.index === index)?.probability ?? Number.NaN;
      expect(Math.abs(found - probability)).toBeLessThanOrEqual(PROBABILITY_TOLERANCE);
    }
  }
});

test('entries are in the order of the images, and a bad image does not affect the others', async () => {
  const [first, bad, last] = await classifier.classify([
    image('acorn-1.jpg'),
    Buffer.from('no image'),
    image('pizza-1.jpg'),
  ]);

  expect(predictionsOf(first)[0]?.label).toBe('acorn');
  expect(bad).toEqual({ error: expect.any(NotAnImageError) });
  expect(predictionsOf(last)[0]?.label).toBe('pizza');
});

test('an entry has five predictions, facts about the image, and the time of each stage', async () => {
  const bytes = image('acorn-1.jpg');

  const [entry] = await classifier.classify([bytes]);

  expect(entry).toEqual({
    predictions: [1, 2, 3, 4, 5].map((rank) => expect.objectContaining({ rank })),
    image: { width: expect.any(Number), height: expect.any(Number), format: 'jpeg', bytes: bytes.length },
    timings: { decode: expect.any(Number), run: expect.any(Number), total: expect.any(Number) },
  });
  expect(predictionsOf(entry)[0]).toEqual({
    rank: 1,
    label: 'acorn',
    wnid: 'n12267677',
    index: 988,
    probability: expect.any(Number),
  });
});

test('a decoded image gives the same result as its bytes', async () => {
  const bytes = image('daisy-1.jpg');
  const decoded = await decodeImage(bytes, classifier.manifest.preprocessing);

  const [fromPixels, fromBytes] = await classifier.classify([decoded, bytes]);

  expect(predictionsOf(fromPixels)).toEqual(predictionsOf(fromBytes));
});

test('pixels of another size are refused', async () => {
  const pixels = { pixels: new Uint8Array(3), width: 1, height: 1, format: 'png', bytes: 3 } as const;

  expect(await classifier.classify([pixels])).toEqual([{ error: expect.any(InvalidArgumentError) }]);
});

test('anything else is an error that says what was received', async () => {
  const notImages: unknown[] = ['acorn.jpg', null, { pixels: 'none' }, 7];
  const entries = await classifier.classify(notImages as Uint8Array[]);

  expect(entries).toEqual(notImages.map(() => ({ error: expect.any(InvalidArgumentError) })));
});

test.each([0, -1, 1.5, Number.NaN])('top %d is refused', async (top) => {
  await expect(classifier.classify([], { top })).rejects.toThrow(InvalidArgumentError);
});

test('the limits given at opening are used', async () => {
  const limited = await openClassifier(await ensureSamplePackage(folder), { limits: { maxBytes: 10 } });

  expect(await limited.classify([image('acorn-1.jpg')])).toMatchObject([{ error: { code: 'image-too-large' } }]);
  await limited.close();
});

test('calls at the same time do not mix', async () => {
  const files = ['acorn-1.jpg', 'pizza-1.jpg', 'daisy-1.jpg', 'lemon-1.jpg'];

  const answers = await Promise.all(files.map((file) => classifier.classify([image(file)], { top: 1 })));

  expect(answers.map(([entry]) => predictionsOf(entry)[0]?.label)).toEqual(['acorn', 'pizza', 'daisy', 'lemon']);
});

test('close waits for calls in progress, and later calls fail', async () => {
  const closing = await openClassifier(await ensureSamplePackage(folder));

  const work = closing.classify([image('acorn-1.jpg'), image('pizza-1.jpg')]);
  await Promise.all([closing.close(), closing.close()]);

  expect((await work).map((entry) => predictionsOf(entry)[0]?.label)).toEqual(['acorn', 'pizza']);
  await expect(closing.classify([])).rejects.toThrow(ClosedError);
});
