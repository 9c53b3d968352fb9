/**
 * Makes the files of the worker's container: the program as modules, and the native packages
 * for linux x64. FOLDER is created.
 *
 *   node --import tsx layers/image-files.ts FOLDER
 *
 * The Dockerfile runs this. Without Docker, `node FOLDER/main.js` starts the result. It needs `npm
 * ci` with the development packages.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyNative } from './copy-native.ts';
import { workerModules } from './worker-modules.ts';

const INSTALLED = fileURLToPath(new URL('../node_modules', import.meta.url));

const [given] = process.argv.slice(2);
if (given === undefined) {
  throw new Error('give the folder to create: node --import tsx layers/image-files.ts FOLDER');
}
const out = resolve(given);
if (existsSync(out)) throw new Error(`${out} already exists. Give the path of a folder that does not exist yet.`);

const modules = await workerModules();
mkdirSync(out, { recursive: true });
for (const { name, contents } of modules) writeFileSync(join(out, name), contents);
copyNative(INSTALLED, join(out, 'node_modules'));
process.stdout.write(`made ${out}\n`);
