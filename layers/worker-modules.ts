import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BundledFile, bundle, HEIC_THREAD } from './bundle.ts';

const PROJECT = fileURLToPath(new URL('../package.json', import.meta.url));

/**
 * Bundles the worker's program, with the package.json that says that its files are modules, and
 * which version they are of.
 */
export async function workerModules(): Promise<readonly BundledFile[]> {
  const modules = await bundle({
    entries: {
      main: 'functions/gpu-worker/main.ts',
      handler: 'functions/gpu-worker/handler.ts',
      thread: 'functions/gpu-worker/inference/thread.ts',
      ...HEIC_THREAD,
    },
    extension: '.js',
  });
  const { name, version, license } = JSON.parse(readFileSync(PROJECT, 'utf8'));
  const manifest = { name: `${name}-gpu-worker`, version, license, type: 'module', private: true };
  return [...modules, { name: 'package.json', contents: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) }];
}
