/**
 * Packs bench/gpu.ts and bench/gpu-worker.ts into one module each, with PyTorch's program, the
 * worker's own modules and a picture beside them: `node --import tsx bench/gpu-bundle.ts FOLDER`.
 * They find onnxruntime-node and sharp in a node_modules above the folder, and need nothing else.
 * There: `node FOLDER/gpu.mjs --out gpu.json`, `node FOLDER/gpu-worker.mjs --out gpu-worker.json`.
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, HEIC_THREAD } from '../layers/bundle.ts';
import { SMALL_PICTURE, WORKER_FOLDER } from './gpu-worker-pictures.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined)
  throw new TypeError('expected the folder to write into: node --import tsx bench/gpu-bundle.ts FOLDER');
await mkdir(folder, { recursive: true });
const modules = await bundle({
  entries: { gpu: 'bench/gpu.ts', 'gpu-worker': 'bench/gpu-worker.ts', ...HEIC_THREAD },
  extension: '.mjs',
  // LevelDB is a native package.
  standIns: { level: 'bench/gpu-worker-level.ts' },
});
for (const { name, contents } of modules) await writeFile(join(folder, name), withExtensions(name, contents));
await copyFile(fileURLToPath(new URL('gpu-pytorch.py', import.meta.url)), join(folder, 'gpu-pytorch.py'));
await copyFile(
  fileURLToPath(new URL('../models/sample/images/daisy-1.jpg', import.meta.url)),
  join(folder, SMALL_PICTURE),
);
const worker = join(folder, WORKER_FOLDER);
await rm(worker, { recursive: true, force: true });
const imageFiles = fileURLToPath(new URL('../layers/image-files.ts', import.meta.url));
execFileSync(process.execPath, ['--import', 'tsx', imageFiles, worker]);
// The GPU machine's own native packages have CUDA's provider.
await rm(join(worker, 'node_modules'), { recursive: true });

/**
 * dynalite loads its operations by computed names without an extension, which esbuild does not
 * find.
 */
function withExtensions(name: string, contents: Uint8Array): Uint8Array | string {
  if (name !== 'gpu-worker.mjs') return contents;
  const text = new TextDecoder().decode(contents);
  const changed = text.replaceAll(/\("\.\/(actions|validations)\/" \+ action\)/g, '("./$1/" + action + ".js")');
  if (changed === text) throw new Error('expected the computed names of dynalite in the bundle, found none');
  return changed;
}
