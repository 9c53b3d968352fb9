import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  describedRooms,
  findCircle,
  findFault,
  foldersUpTo,
  type Import,
  importsOf,
  type Lines,
  ROOT,
  readFloors,
  sourceFiles,
} from './floors.ts';

/** The only files that may load a native package, and which one. */
const NATIVE_LOADERS: Record<string, string> = {
  'classifier/onnx-runtime.ts': 'onnxruntime-node',
  'classifier/load-sharp.ts': 'sharp',
};

const FLOORS = readFloors();
const SOURCES = new Set(sourceFiles(FLOORS));
const IMPORTS = [...SOURCES].flatMap((file) => importsOf(file, SOURCES));

test('every file imports from the floors and rooms below its own (floors.json)', () => {
  const faults = IMPORTS.map((one) => findFault(FLOORS, one)).filter((fault) => fault !== null);

  expect(IMPORTS.length).toBeGreaterThan(1000);
  expect(faults).toEqual([]);
});

test('no files import each other in a circle, not for types either', () => {
  expect(findCircle(IMPORTS)).toBeNull();
});

test('every source file is in a room of floors.json', () => {
  const faults = [...SOURCES].map((file) => findFault(FLOORS, { from: file, to: 'classifier/errors.ts' }));

  expect(SOURCES.size).toBeGreaterThan(400);
  expect(faults.filter((fault) => fault?.includes('is in no room'))).toEqual([]);
});

test('CONTRIBUTING shows the list', () => {
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\d+) \| `([^`]+\/)` \| (.+) \|$/gm)].map(([row]) => row);

  expect(rows).toEqual(describedRooms(FLOORS).map(({ line, path, does }) => `| ${line} | \`${path}\` | ${does} |`));
});

test('the compiler looks at every floor', () => {
  const { include } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  const folders = foldersUpTo(FLOORS, 'docs/').map((folder) => folder.replace(/\/$/, ''));

  // The page has a configuration of its own: it runs in a browser.
  expect(folders.filter((folder) => !include.includes(folder))).toEqual(['web']);
});

describe('the rule', () => {
  test.each([
    ['functions/api/a.ts', 'models/zoo/zoo.ts', 'models/ is beside functions/'],
    ['functions/log.ts', 'layers/runtime-layer.ts', 'layers/ is above functions/'],
    ['models/convert.ts', 'functions/records/b.ts', 'functions/ is beside models/'],
    ['classifier/a.ts', 'models/b.ts', 'models/ is above classifier/'],
    ['local/a.ts', 'cli/b.ts', 'cli/ is above local/'],
    ['infra/a.ts', 'local/b.ts', 'local/ is beside infra/'],
    ['cli/a.ts', 'bench/b.ts', 'bench/ is above cli/'],
    ['models/graph/a.ts', 'models/package/b.ts', 'models/package/ is above models/graph/'],
    ['functions/log.ts', 'functions/records/b.ts', 'functions/records/ is above functions/.'],
    ['functions/tag-upload/a.ts', 'functions/api/b.ts', 'functions/api/ is beside functions/tag-upload/'],
    ['functions/gpu-worker/inference/a.ts', 'functions/gpu-worker/worker.ts', 'gpu-worker/. is above'],
    ['web/api/a.ts', 'functions/records/b.ts', 'web/ imports only'],
    ['layers/a.ts', 'functions/environment.ts', 'layers/ imports only classifier/, models/ from outside'],
    ['test/cli/stand-in.ts', 'test/cli/main.test.ts', 'which is a test'],
    ['models/a.ts', 'models/unknown/b.ts', 'models/unknown/b.ts is in no room'],
  ])('refuses that %s imports %s', (from, to, reason) => {
    expect(findFault(FLOORS, { from, to })).toContain(reason);
  });

  test.each([
    ['models/convert.ts', 'classifier/session.ts'],
    ['functions/api/a.ts', 'classifier/b.ts'],
    ['functions/api/a.ts', 'functions/tagging/b.ts'],
    ['functions/gpu-worker/worker.ts', 'functions/gpu-worker/inference/b.ts'],
    ['models/sample/sample.ts', 'models/convert.ts'],
    ['models/graph/a.ts', 'models/graph/b.ts'],
    ['layers/a.ts', 'models/b.ts'],
    ['layers/a.ts', 'layers/b.ts'],
    ['local/a.ts', 'web/delivery/b.ts'],
    ['cli/a.ts', 'local/b.ts'],
    ['bench/a.ts', 'test/infra/boot/b.ts'],
    ['test/bench/a.test.ts', 'bench/b.ts'],
  ])('lets %s import %s', (from, to) => {
    expect(findFault(FLOORS, { from, to })).toBeNull();
  });

  test('a room without a list of its own is one room: its files are told apart by nothing but circles', () => {
    const floors: Lines = [[{ room: 'a/', lines: [['low.ts'], ['.'], ['b/']] }]];

    expect(findFault(floors, { from: 'a/b/c/d.ts', to: 'a/b/e.ts' })).toBeNull();
    expect(findFault(floors, { from: 'a/low.ts', to: 'a/other.ts' })).toBe(
      'a/low.ts imports a/other.ts, but a/. is above a/low.ts',
    );
  });

  test('finds a circle of any length, and names its files', () => {
    const chain = (...files: string[]): Import[] =>
      files.slice(1).map((to, index) => ({ from: files[index] ?? '', to }));

    expect(findCircle(chain('a.ts', 'b.ts', 'c.ts', 'b.ts'))).toEqual(['b.ts', 'c.ts', 'b.ts']);
    expect(findCircle(chain('a.ts', 'b.ts', 'c.ts', 'd.ts', 'a.ts'))).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.ts', 'a.ts']);
    expect(findCircle([...chain('a.ts', 'b.ts', 'd.ts'), ...chain('a.ts', 'c.ts', 'd.ts')])).toBeNull();
  });
});

test('imports are seen in every form', () => {
  const sources = new Set([...SOURCES, 'test/floors.ts']);

  // For types, for values, as `new URL` of a thread, and by a script in plain JavaScript.
  expect(importsOf('models/graph/tensor-check.ts', sources).map(({ to }) => to)).toContain(
    'models/graph/architecture.ts',
  );
  expect(importsOf('test/imports.test.ts', sources).map(({ to }) => to)).toContain('test/floors.ts');
  expect(importsOf('functions/gpu-worker/inference/engine.ts', sources).map(({ to }) => to)).toContain(
    'functions/gpu-worker/inference/thread.ts',
  );
  expect(importsOf('scripts/build-page.js', sources).map(({ to }) => to)).toContain('web/delivery/build-page.ts');
});

test('native packages are loaded in one file each, by require, so that a Lambda layer serves them', () => {
  const loads = [...SOURCES]
    .filter((file) => !/^(models\/sample|test|bench|scripts)\//.test(file))
    .flatMap((file) =>
      [
        ...readFileSync(join(ROOT, file), 'utf8').matchAll(
          /^(?!import type).*(?:require\(|(?<!typeof )import\(|from )'(onnxruntime-node|sharp)'/gm,
        ),
      ].map(([line, name]) => ({ file, name, line })),
    );

  expect(loads.map(({ file, name }) => [file, name])).toEqual(expect.arrayContaining(Object.entries(NATIVE_LOADERS)));
  expect(loads.filter(({ file, name, line }) => NATIVE_LOADERS[file] !== name || !line.includes('require('))).toEqual(
    [],
  );
});
