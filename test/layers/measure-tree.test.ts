import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesIn, measureTree } from '../../layers/measure-tree.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tree-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(tree: string, files: Record<string, string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, tree, path, '..'), { recursive: true });
    writeFileSync(join(folder, tree, path), content);
  }
  return join(folder, tree);
}

test('sizes are added up, and files are in a fixed order', () => {
  const tree = write('tree', { 'b/c': '123', 'a.txt': '45', 'b-': '6' });

  expect(measureTree(tree).bytes).toBe(6);
  expect(filesIn(tree)).toEqual(['a.txt', 'b-', join('b', 'c')]);
});

test('the same files have the same hash, whenever and in whatever order they were written', () => {
  const one = write('one', { 'a/x': '1', y: '2' });
  const other = write('other', { y: '2', 'a/x': '1' });
  utimesSync(join(other, 'y'), 0, 0);

  expect(measureTree(one)).toEqual(measureTree(other));
});

test.each([
  ['another content', { 'a/x': '3', y: '2' }],
  ['another name', { 'a/z': '1', y: '2' }],
  ['a file more', { 'a/x': '1', y: '2', z: '' }],
  ['contents exchanged', { 'a/x': '2', y: '1' }],
])('%s changes the hash', (_name, files) => {
  const one = write('one', { 'a/x': '1', y: '2' });

  expect(measureTree(write('other', files)).hash).not.toBe(measureTree(one).hash);
});
