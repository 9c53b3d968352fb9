import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stop } from 'esbuild';
import { FUNCTION_NAMES, MODEL_FUNCTION_NAMES } from '../../infra/artefacts/service-code.ts';
import { bundleFunction } from '../../layers/function-code.ts';
import { measureTree } from '../../layers/measure-tree.ts';

/**
 * The most bytes that a bundle may have: 5% more than it had on 2026-11-27. A function compiles
 * them at each cold start, so a package that brings many is worth a look.
 */
const MAX_BYTES = {
  'tag-upload': 1_488_000,
  api: 1_701_000,
  backfill: 1_500_000,
  'dead-letters': 1_479_000,
  'ask-queue': 639_000,
  health: 381_000,
  'limit-gpu-hours': 903_000,
  'keep-task-count': 764_000,
} as const;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  // Otherwise its process would stay alive after the test's.
  await stop();
});

test.each(MODEL_FUNCTION_NAMES)(
  'the bundle of %s is one module that asks the layer for the native packages',
  async (name) => {
    const code = await bundleFunction(name, folder);

    const text = readFileSync(join(code.folder, 'index.mjs'), 'utf8');
    expect(text).toMatch(/require\d*\("onnxruntime-node"\)/);
    expect(text).toMatch(/require\d*\("sharp"\)/);
    // An import of node:http would load all of fetch (layers/bundle.ts).
    expect(text.match(/^import .*/gm)).toEqual([expect.stringContaining('createRequire')]);
    expect(text).not.toContain(folder);
    expect(existsSync(join(code.folder, 'node_modules'))).toBe(false);
  },
);

test.each(FUNCTION_NAMES)('the bundle of %s has only the code that Lambda needs', async (name) => {
  const { bytes } = await bundleFunction(name, folder);

  expect(bytes).toBeLessThan(MAX_BYTES[name]);
});

test.each(FUNCTION_NAMES.slice(MODEL_FUNCTION_NAMES.length))(
  '%s, which does without the model, is one small module without native packages',
  async (name) => {
    const code = await bundleFunction(name, folder);

    expect(readdirSync(code.folder).filter((file) => file.endsWith('.mjs'))).toEqual(['index.mjs']);
    expect(readFileSync(join(code.folder, 'index.mjs'), 'utf8')).not.toMatch(/onnxruntime-node|require\d*\("sharp"\)/);
  },
);

test('the same sources give the same bytes, in a folder named by them', async () => {
  const one = await bundleFunction('tag-upload', join(folder, 'one'));
  const other = await bundleFunction('tag-upload', join(folder, 'other'));

  expect(other.folder).not.toBe(one.folder);
  expect(basename(one.folder)).toBe(`function-tag-upload-${one.hash.slice(0, 16)}`);
  expect(measureTree(one.folder).hash).toBe(one.hash);
  expect([other.hash, other.bytes]).toEqual([one.hash, one.bytes]);
});
