/**
 * Makes the file tree of the worker's container: `node functions/gpu-worker/image-files.js FOLDER`, which is created. The program as two modules,
 * and the native packages with the binaries of linux x64 alone. The Dockerfile runs it, and so can anyone without Docker: what is made runs by
 * `node FOLDER/main.js`. Needs `npm ci`, the development packages included (esbuild), and is plain JavaScript to need no more than that.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles leave these outside; what they load when they are required comes along. Their install scripts' own packages do not. */
const NATIVE_PACKAGES = ['onnxruntime-node', 'sharp'];
const WITH_THEM = ['onnxruntime-common', 'detect-libc', 'semver', '@img/colour'];
const PLATFORM_PACKAGES = ['@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64'];

/** There are CUDA libraries for this platform only. */
const BINARIES = 'bin/napi-v6/linux/x64';

/** What the install script brings: the second is found by the first. The TensorRT provider needs libraries that the base image has not. */
const CUDA_FILES = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];
const BUNDLED_FILES = ['libonnxruntime.so.1', 'onnxruntime_binding.node'];

const ONLY_FOR_BUILDING = /^(onnxruntime-node\/(script|lib)|onnxruntime-common\/lib|sharp\/(src|install))(\/|$)/;
const UNUSED = /\.(d\.[cm]?ts|map|md|h|cc|gyp|hpp)$/;

/** Bundled packages that are CommonJS ask for `require`, which a module has not. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const root = fileURLToPath(new URL('../..', import.meta.url));
const [given] = process.argv.slice(2);
if (given === undefined)
  throw new Error('expected the folder to create: node functions/gpu-worker/image-files.js FOLDER');
const out = resolve(given);
if (existsSync(out)) throw new Error(`${out} exists: name a folder to create`);

await bundle();
for (const name of [...NATIVE_PACKAGES, ...WITH_THEM, ...PLATFORM_PACKAGES]) copyPackage(name);
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
process.stdout.write(`made ${out}\n`);

async function bundle() {
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'functions/gpu-worker/main.ts', thread: 'functions/gpu-worker/inference/thread.ts' },
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: NATIVE_PACKAGES,
    banner: { js: REQUIRE },
    legalComments: 'linked',
    logLevel: 'error',
  });
}

function copyPackage(name) {
  const from = join(root, 'node_modules', name);
  if (!existsSync(from)) {
    throw new Error(`${name} is missing: run npm ci --os=linux --cpu=x64 --libc=glibc first`);
  }
  for (const path of filesIn(from)) {
    if (!isNeeded(`${name}/${path}`)) continue;
    const to = join(out, 'node_modules', name, path);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(from, path), to);
  }
}

function isNeeded(path) {
  const [binary] = /^onnxruntime-node\/bin\/.*/.exec(path) ?? [];
  if (binary === undefined) return !ONLY_FOR_BUILDING.test(path) && !UNUSED.test(path);
  return [...BUNDLED_FILES, ...CUDA_FILES].some((file) => path === `onnxruntime-node/${BINARIES}/${file}`);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
}

/** A module's type, and what this was made of. */
function manifest() {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return { name: `${name}-gpu-worker`, version, license, type: 'module', private: true };
}
