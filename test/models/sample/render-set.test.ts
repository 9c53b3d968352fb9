import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DRAWABLE } from '../../../models/sample/drawing/draw.ts';
import { renderPictures } from '../../../models/sample/drawing/render.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SIZE = 32;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'render-set-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function render(...args: readonly string[]): void {
  execFileSync(process.execPath, ['--import', 'tsx', 'models/sample/render-set.ts', ...args], {
    cwd: ROOT,
    stdio: 'pipe',
  });
}

test('a set has a folder of JPEGs per class, named by WordNet id', async () => {
  render('5', '2', String(SIZE), join(folder, 'set'));

  expect(readdirSync(join(folder, 'set'))).toHaveLength(DRAWABLE.length);
  expect(readdirSync(join(folder, 'set', 'n01443537')).sort()).toEqual(['1.jpg', '2.jpg']);
  const { value } = await renderPictures(5, 1, SIZE).next();
  expect(value).toEqual({ index: 1, jpeg: readFileSync(join(folder, 'set', 'n01443537', '1.jpg')) });
});

test('a training set is square pixels and indices, as train.py reads them', () => {
  render('5', '1', String(SIZE), join(folder, 'train'), '--training');

  const labels = readFileSync(join(folder, 'train.lab'));
  expect(readFileSync(join(folder, 'train.u8'))).toHaveLength(DRAWABLE.length * SIZE * SIZE * 3);
  expect(Array.from({ length: labels.length / 2 }, (_, at) => labels.readUInt16LE(at * 2))).toEqual(DRAWABLE);
});

test.each([[[]], [['1', '2']], [['1', 'two', '3', 'out']]])('with arguments %j it says how it is used', (args) => {
  expect(() => render(...args)).toThrow('usage: render-set.ts');
});
