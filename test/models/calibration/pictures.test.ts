import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPictures } from '../../../models/calibration/pictures.ts';
import { PREPROCESSING } from '../../classifier/preprocessing.ts';

const IMAGES = fileURLToPath(new URL('../../../models/sample/images/', import.meta.url));

let folder: string;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
  warnings = [];
  for (const name of ['acorn-1.jpg', 'daisy-1.jpg', 'pizza-2.jpg'])
    await copyFile(join(IMAGES, name), join(folder, name));
});

afterEach(() => rm(folder, { recursive: true }));

const read = () => readPictures(folder, PREPROCESSING, (text) => warnings.push(text));

test('a third of the images is for calibration, and nothing is said of hidden files', async () => {
  await writeFile(join(folder, '.DS_Store'), 'hidden');

  const { calibration, heldBack } = await read();

  expect([calibration.length, heldBack.length, warnings]).toEqual([1, 2, []]);
});

test('files that are not images are left out with one warning that counts them and names three', async () => {
  for (const name of ['1.txt', '2.txt', '3.txt', '4.txt']) await writeFile(join(folder, name), 'no picture');

  await read();

  const named = String.raw`\d\.txt \(unsupported file type; [^()]*\)`;
  const text = `^left out 4 of the 7 files in ${folder}, which are not readable images: ${named}, ${named}, ${named} …$`;
  expect(warnings).toEqual([expect.stringMatching(RegExp(text))]);
});
