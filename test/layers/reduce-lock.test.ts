import { readFileSync } from 'node:fs';
import { LayerBuildError } from '../../layers/errors.ts';
import { reduceLock } from '../../layers/reduce-lock.ts';

const PROJECT_LOCK = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');

function lockOf(packages: Record<string, object>): string {
  return JSON.stringify({ name: 'project', lockfileVersion: 3, packages: { '': {}, ...packages } });
}

test('the wanted packages and what they need are kept at their locked versions, and nothing else', () => {
  const { manifest, lock } = reduceLock(
    lockOf({
      'node_modules/wanted': { version: '1.2.3', dependencies: { needed: '^2' }, optionalDependencies: { maybe: '1' } },
      'node_modules/needed': { version: '2.5.0' },
      'node_modules/maybe': { version: '1.0.0', os: ['linux'] },
      'node_modules/other': { version: '9.0.0' },
    }),
    ['wanted'],
  );

  expect(manifest).toEqual({ private: true, dependencies: { wanted: '1.2.3' } });
  expect(Object.keys(lock.packages)).toEqual(['', 'node_modules/maybe', 'node_modules/needed', 'node_modules/wanted']);
  expect(lock.packages['node_modules/maybe']).toEqual({ version: '1.0.0', os: ['linux'] });
});

test('a package is resolved as in Node: in its own folder first, then in those above', () => {
  const { lock } = reduceLock(
    lockOf({
      'node_modules/wanted': { version: '1.0.0', dependencies: { inner: '1', '@a/b': '1' } },
      'node_modules/wanted/node_modules/inner': { version: '1.0.0', dependencies: { deep: '1' } },
      'node_modules/inner': { version: '2.0.0' },
      'node_modules/@a/b': { version: '1.0.0', dependencies: { inner: '2' } },
      'node_modules/deep': { version: '1.0.0' },
    }),
    ['wanted'],
  );

  expect(Object.keys(lock.packages).slice(1)).toEqual([
    'node_modules/@a/b',
    'node_modules/deep',
    'node_modules/inner',
    'node_modules/wanted',
    'node_modules/wanted/node_modules/inner',
  ]);
});

test('packages that need each other do not loop', () => {
  const { lock } = reduceLock(
    lockOf({
      'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
      'node_modules/b': { version: '1.0.0', dependencies: { a: '1' } },
    }),
    ['a'],
  );

  expect(Object.keys(lock.packages)).toHaveLength(3);
});

test("this project's lock has the binaries of both architectures of Lambda", () => {
  const { manifest, lock } = reduceLock(PROJECT_LOCK, ['sharp', 'onnxruntime-node']);

  expect(Object.keys(manifest.dependencies)).toEqual(['onnxruntime-node', 'sharp']);
  for (const binary of [
    'sharp-linux-arm64',
    'sharp-linux-x64',
    'sharp-libvips-linux-arm64',
    'sharp-libvips-linux-x64',
  ]) {
    expect(lock.packages).toHaveProperty([`node_modules/@img/${binary}`]);
  }
  expect(lock.packages).not.toHaveProperty(['node_modules/zod']);
});

test.each([
  ['no JSON', 'lock', 'not a valid lock file of version 3'],
  ['another version', JSON.stringify({ lockfileVersion: 1, dependencies: {} }), 'not a valid lock file of version 3'],
  ['no such package', lockOf({}), 'node_modules/wanted'],
  [
    'a package without what it needs',
    lockOf({ 'node_modules/wanted': { version: '1.0.0', dependencies: { gone: '1' } } }),
    'gone',
  ],
])('a lock with %s is refused', (_name, text, message) => {
  expect(() => reduceLock(text, ['wanted'])).toThrow(LayerBuildError);
  expect(() => reduceLock(text, ['wanted'])).toThrow(message);
});
