/**
 * Makes the files of the worker's container: the program as modules, and the native packages
 * for linux x64. FOLDER is created.
 *
 *   node --import tsx layers/image-files.ts FOLDER
 *
 * The Dockerfile runs this. Without Docker, `node FOLDER/main.js` starts the result. It needs `npm
 * ci` with the development packages.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, HEIC_THREAD } from './bundle.ts';
import { filesIn } from './measure-tree.ts';
import { isNativeFile, type NativeTarget, packagesOf } from './native-files.ts';

/** CUDA libraries exist only for this platform. */
const TARGET: NativeTarget = { architecture: 'x64', cuda: true };

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const [given] = process.argv.slice(2);
if (given === undefined) {
  throw new Error('give the folder to create: node --import tsx layers/image-files.ts FOLDER');
}
const out = resolve(given);
if (existsSync(out)) throw new Error(`${out} already exists. Give the path of a folder that does not exist yet.`);

const modules = await bundle({
  entries: {
    main: 'functions/gpu-worker/main.ts',
    handler: 'functions/gpu-worker/handler.ts',
    thread: 'functions/gpu-worker/inference/thread.ts',
    ...HEIC_THREAD,
  },
  extension: '.js',
});
mkdirSync(out, { recursive: true });
for (const { name, contents } of modules) writeFileSync(join(out, name), contents);
for (const name of packagesOf(TARGET)) copyPackage(name);
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
process.stdout.write(`made ${out}\n`);

function copyPackage(name: string): void {
  const from = join(ROOT, 'node_modules', name);
  if (!existsSync(from))
    throw new Error(`${name} is not installed. Run npm ci --os=linux --cpu=x64 --libc=glibc first.`);
  for (const path of filesIn(from)) {
    if (!isNativeFile(`${name}/${path.replaceAll(sep, '/')}`, TARGET)) continue;
    const to = join(out, 'node_modules', name, path);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(from, path), to);
  }
}

/**
 * Returns the package.json that says that the files are modules, and which versions they contain.
 */
function manifest() {
  const { name, version, license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return { name: `${name}-gpu-worker`, version, license, type: 'module', private: true };
}
