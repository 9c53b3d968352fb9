import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
    concepts: expect.arrayContaining([{ id: 'n12267677', label: 'acorn', probability: expect.any(Number) }]),
    concept: null,
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

test('the concept of an answer is the most specific one that reaches the threshold given at opening', async () => {
  const [entry] = await classifier.classify([image('daisy-1.jpg')]);
  expect(entry).toMatchObject({ concept: { id: 'n11939491', label: 'daisy' } });

  const packageDir = join(folder, 'sample');
  const strict = await openClassifier(packageDir, { conceptThreshold: 0.8605 });
  const [hedged] = await strict.classify([image('daisy-1.jpg')]).finally(() => strict.close());

  expect(hedged).toMatchObject({ concept: { id: 'n11669921', label: 'flower' } });
  await expect(openClassifier(packageDir, { conceptThreshold: 1.5 })).rejects.toThrow(
    'expected a number from 0 to 1 for conceptThreshold, received 1.5',
  );
});

test('a package of version 1, without a hierarchy, is read and has no concepts', async () => {
  const packageDir = join(folder, 'old', 'sample');
  await cp(join(folder, 'sample'), packageDir, { recursive: true });
  const { 'hierarchy.json': _, ...files } = classifier.manifest.files;
  await writeFile(join(packageDir, 'model.json'), JSON.stringify({ ...classifier.manifest, formatVersion: 1, files }));

  const old = await openClassifier(packageDir);
  const [entry] = await old.classify([image('daisy-1.jpg')]).finally(() => old.close());

  expect(entry).toMatchObject({ predictions: expect.any(Array), concepts: [], concept: null });
});

test('a hierarchy that is none is told with each picture, as a fault of the package', async () => {
  const packageDir = join(folder, 'damaged', 'sample');
  await cp(join(folder, 'sample'), packageDir, { recursive: true });
  const { bytes = 0 } = classifier.manifest.files['hierarchy.json'] ?? {};
  await writeFile(join(packageDir, 'hierarchy.json'), ' '.repeat(bytes));
  // With its prepared form, an answer does not read it.
  await rm(join(packageDir, 'hierarchy.bin'));

  const damaged = await openClassifier(packageDir);
  const [entry] = await damaged.classify([image('daisy-1.jpg')]).finally(() => damaged.close());

  expect(entry).toMatchObject({ error: { code: 'invalid-package', faults: [{ code: 'hierarchy' }] } });
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
