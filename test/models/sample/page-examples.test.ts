import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openClassifier } from '../../../classifier/classifier.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';

const EXAMPLES = fileURLToPath(new URL('../../../web/examples/', import.meta.url));

/** They are part of what a first visit loads. */
const MAX_BYTES = 8_000;

test('the sample model recognises each drawing that the page offers, and all together are small', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'examples-'));
  const classifier = await openClassifier(await ensureSamplePackage(folder));
  const files = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.webp'));
  const pictures = await Promise.all(files.map((name) => readFile(join(EXAMPLES, name))));

  const answers = await classifier.classify(pictures, { top: 1 });

  await classifier.close();
  await rm(folder, { recursive: true });
  expect(files).toHaveLength(6);
  expect(answers).toMatchObject(
    files.map((name) => ({ predictions: [{ label: name.replace('.webp', '').replace('-', ' ') }] })),
  );
  expect(
    Math.min(...answers.map((answer) => ('error' in answer ? 0 : (answer.predictions[0]?.probability ?? 0)))),
  ).toBeGreaterThan(0.8);
  expect(pictures.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(MAX_BYTES);
});
