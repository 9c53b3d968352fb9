import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidPackageError } from '../../classifier/errors.ts';
import { filesIn } from '../../layers/measure-tree.ts';
import { buildModelLayer } from '../../layers/model-layer.ts';
import { readPackage } from '../../layers/package-on-disk.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

let folder: string;
let sample: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'model-layer-'));
  sample = await ensureSamplePackage(join(folder, 'packages'));
});

afterAll(() => rmSync(folder, { recursive: true }));

test("the layer has a package's files where the functions look for them, and nothing else", () => {
  const packageDir = join(folder, 'with-more', 'sample');
  cpSync(sample, packageDir, { recursive: true });
  writeFileSync(join(packageDir, 'notes.txt'), 'mine');
  // It is not listed, so it may be anything: the layer gets its own.
  writeFileSync(join(packageDir, 'hierarchy.bin'), 'mine');

  const layer = buildModelLayer(readPackage(packageDir), join(folder, 'cache'));

  expect(layer.name).toBe('model-sample');
  expect(filesIn(layer.folder)).toEqual([
    'models/sample/hierarchy.bin',
    'models/sample/hierarchy.json',
    'models/sample/model.json',
    'models/sample/model.onnx',
    'models/sample/weights.bin',
  ]);
  const prepared = 'models/sample/hierarchy.bin';
  expect(readFileSync(join(layer.folder, prepared))).toEqual(readFileSync(join(sample, 'hierarchy.bin')));
});

test('the same package gives the same bytes', () => {
  const one = buildModelLayer(readPackage(sample), join(folder, 'one'));
  const other = buildModelLayer(readPackage(sample), join(folder, 'other'));

  expect(other.folder).not.toBe(one.folder);
  expect([other.hash, other.bytes]).toEqual([one.hash, one.bytes]);
});

test('no layer is built from damaged weights', () => {
  const packageDir = join(folder, 'damaged', 'sample');
  cpSync(sample, packageDir, { recursive: true });
  appendFileSync(join(packageDir, 'weights.bin'), 'x');

  const read = () => readPackage(packageDir);

  expect(read).toThrow(InvalidPackageError);
  expect(read).toThrow('weights.bin has the SHA-256');
});

test.each([
  ['a folder that is not there', 'absent', 'there is no such folder'],
  ['a folder without a manifest', 'empty', 'it has no model.json that can be read'],
  ['a folder that was renamed', 'renamed', 'the folder is named renamed, but it holds the package sample'],
])('%s is refused', (_, name, reason) => {
  if (name !== 'absent') mkdirSync(join(folder, name));
  if (name === 'renamed') cpSync(sample, join(folder, name), { recursive: true });

  const read = () => readPackage(join(folder, name));

  expect(read).toThrow(InvalidPackageError);
  expect(read).toThrow(reason);
});
