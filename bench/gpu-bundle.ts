/**
 * Packs bench/gpu.ts into one module, with PyTorch's program beside it:
 * `node --import tsx bench/gpu-bundle.ts FOLDER`. It finds onnxruntime-node in a node_modules above
 * the folder. There: `node FOLDER/gpu.mjs --out gpu.json`.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../layers/bundle.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined)
  throw new TypeError('expected the folder to write into: node --import tsx bench/gpu-bundle.ts FOLDER');
await mkdir(folder, { recursive: true });
for (const { name, contents } of await bundle({ entries: { gpu: 'bench/gpu.ts' }, extension: '.mjs' })) {
  await writeFile(join(folder, name), contents);
}
await copyFile(fileURLToPath(new URL('gpu-pytorch.py', import.meta.url)), join(folder, 'gpu-pytorch.py'));
