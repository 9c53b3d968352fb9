import { copyFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Classifier, openClassifier } from '../../classifier/index.ts';
import { EvaluationFolderError, evaluate } from '../../models/evaluate.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

const IMAGES = fileURLToPath(new URL('../../models/sample/images/', import.meta.url));

let root: string;
let folder: string;
let classifier: Classifier;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'evaluate-'));
  classifier = await openClassifier(await ensureSamplePackage(root));
});

beforeEach(async () => {
  folder = await mkdtemp(join(root, 'images-'));
});

afterAll(async () => {
  await classifier.close();
  await rm(root, { recursive: true });
});

async function put(name: string, ...images: readonly string[]): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  for (const image of images) await copyFile(join(IMAGES, image), join(folder, name, image));
}

test('folders may be named by WordNet id or exact label; a wrong answer counts as wrong', async () => {
  await put('n11939491', 'daisy-1.jpg', 'daisy-2.jpg');
  await put('pizza', 'pizza-1.jpg');
  await put('n12267677', 'lemon-1.jpg');
  const progress: number[][] = [];

  const evaluation = await evaluate({ classifier, folder, onProgress: (...counts) => progress.push(counts) });

  expect(evaluation).toMatchObject({ model: 'sample', images: 4, top1: 75, publishedTop1: null, publishedTop5: null });
  expect(evaluation.top5).toBeGreaterThanOrEqual(75);
  expect(evaluation.concepts[0]).toMatchObject({ threshold: 0.5, coverage: 100, right: 75 });
  expect(evaluation.imagesPerSecond).toBeGreaterThan(0);
  expect(progress).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
  ]);
});

test('a file that is not an image is reported and does not count; hidden files are ignored', async () => {
  await put('pizza', 'pizza-1.jpg', 'pizza-2.jpg');
  await writeFile(join(folder, 'pizza/notes.txt'), 'no picture');
  await writeFile(join(folder, 'pizza/.DS_Store'), 'hidden');
  const skipped: unknown[] = [];

  const evaluation = await evaluate({ classifier, folder, onSkip: (file, error) => skipped.push([file, error]) });

  expect(evaluation).toMatchObject({ images: 2, failed: 1, top1: 100, top5: 100 });
  expect(skipped).toEqual([[join(folder, 'pizza/notes.txt'), expect.objectContaining({ code: 'not-an-image' })]]);
});

test('a file of more than 2 GiB is too large, and the others count', async () => {
  await put('pizza', 'pizza-1.jpg');
  await writeFile(join(folder, 'pizza/all.zip'), '');
  await truncate(join(folder, 'pizza/all.zip'), 2 ** 31 + 1);
  const skipped: unknown[] = [];

  const evaluation = await evaluate({
    classifier,
    folder,
    limits: { maxBytes: 1_000_000 },
    onSkip: (_, error) => skipped.push(error),
  });

  expect(evaluation).toMatchObject({ images: 1, failed: 1, top1: 100 });
  expect(skipped).toEqual([expect.objectContaining({ code: 'image-too-large' })]);
});

test('what onSkip throws ends the evaluation, when it is the turn of that file', async () => {
  await put('pizza', 'pizza-1.jpg');
  await writeFile(join(folder, 'pizza/text.jpg'), 'no picture');
  const calls: string[] = [];

  const attempt = evaluate({
    classifier,
    folder,
    onProgress: (done) => calls.push(`${done} done`),
    onSkip(file, error) {
      calls.push(`skip ${basename(file)}`);
      throw error;
    },
  });

  await expect(attempt).rejects.toMatchObject({ code: 'not-an-image' });
  expect(calls).toEqual(['1 done', 'skip text.jpg']);
});

test('without any image the accuracies are null', async () => {
  await put('pizza');
  await writeFile(join(folder, 'pizza/notes.txt'), 'no picture');

  expect(await evaluate({ classifier, folder })).toMatchObject({
    images: 0,
    top1: null,
    top5: null,
    imagesPerSecond: null,
  });
});

test('when two classes share a label, both are right for its folder', async () => {
  const labels = classifier.manifest.labels.map((each, index) => (index < 2 ? { label: 'crane', wnid: null } : each));
  await put('crane', 'acorn-1.jpg');
  const answering = (index: number): Classifier => ({
    ...classifier,
    manifest: { ...classifier.manifest, labels },
    classify: async () => [
      {
        predictions: [{ rank: 1, label: 'crane', wnid: null, index, probability: 1 }],
        concepts: [],
        concept: null,
        image: { width: 1, height: 1, format: 'jpeg', bytes: 1 },
        timings: { decode: 0, run: 0, total: 0 },
      },
    ],
  });

  for (const index of [0, 1]) {
    expect(await evaluate({ classifier: answering(index), folder })).toMatchObject({ top1: 100 });
  }
});

test('the error lists all folders that are not named after a class, before anything is classified', async () => {
  await put('pizza', 'pizza-1.jpg');
  await put('unicorn');
  await put('val');

  const attempt = evaluate({ classifier, folder });

  await expect(attempt).rejects.toThrow(EvaluationFolderError);
  await expect(attempt).rejects.toThrow(/not named after a class of the model: unicorn, val\. .*exact label \(tench\)/);
});

test.each([
  ['is missing', 'nowhere', /nowhere cannot be read: it does not exist\. It must be/],
  ['is empty', '.', /has no folders in it/],
])('a folder that %s is an error', async (_, name, message) => {
  await expect(evaluate({ classifier, folder: join(folder, name) })).rejects.toThrow(message);
});

test('class folders without files are an error', async () => {
  await put('pizza');

  await expect(evaluate({ classifier, folder })).rejects.toThrow('has folders but no images in them');
});
