import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// @ts-expect-error: plain JavaScript, as all that the build runs before there is anything compiled
const { importedPackages } = await import('../../scripts/imported-packages.js');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-imported-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

test('every way to load a package is seen, each package once, and nothing that Node has itself', async () => {
  await put(
    'a.js',
    `import { readFile } from 'node:fs/promises';
     import path from 'path';
     import { z } from 'zod/v4';
     export { S3Client } from '@aws-sdk/client-s3';
     export const lazy = () => import('@scope/lazy/deep.js');
     export { readFile, path, z };`,
  );
  await put(
    'deep/b.js',
    `import { createRequire } from 'node:module';
     import '../a.js';
     import 'zod';
     const require = createRequire(import.meta.url);
     export const sharp = require('sharp');
     export const onnx = createRequire(import.meta.url)('onnxruntime-node');
     export const version = createRequire(import.meta.url)('../package.json').version;
     // In words: import 'nothing';`,
  );

  expect(await importedPackages(folder)).toEqual([
    '@aws-sdk/client-s3',
    '@scope/lazy',
    'onnxruntime-node',
    'sharp',
    'zod',
  ]);
});

test('modules that stay behind do not count, also where another one imports them', async () => {
  await put('page.js', "export const load = () => import('./bundler.js');");
  await put('bundler.js', "import 'esbuild';");

  expect(await importedPackages(folder)).toEqual(['esbuild']);
  expect(await importedPackages(folder, ['bundler.js'])).toEqual([]);
});

test('an import of a file that is not there fails', async () => {
  await put('a.js', "import './missing.js';");

  await expect(importedPackages(folder)).rejects.toThrow('./missing.js');
});
