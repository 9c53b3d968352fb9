/**
 * Builds the npm package into `dist`, or into FOLDER: the compiled JavaScript, the bundled library,
 * the types of the exports, the data files that the code reads, the finished page and a
 * package.json of its own.
 * `npm pack ./dist` packs it. `npm run build` runs this through built-package.js, and only if
 * something has changed.
 *
 *   node scripts/build.js [FOLDER]
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleLibrary, LIBRARY_FOLDER, LIBRARY_MODULE } from './bundle-library.js';
import { importedPackages } from './imported-packages.js';

/** Files that are copied into the package unchanged, with the same path. */
const DATA_FILES = [
  'cli/print-version.js',
  'functions/api/openapi.yaml',
  'models/labels/imagenet1k.json',
  'models/hierarchy/imagenet1k.json',
  'models/sample/sample.pth',
  // The picture in the first command that `start` suggests.
  'models/sample/images/daisy-1.jpg',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
  'NOTICE',
];

/** The constructs are bundled into one module, so the package has no single modules of them. */
const BUNDLED_FOLDERS = ['infra', 'layers'];

/** The folder of the bundled constructs. */
const CONSTRUCTS_FOLDER = 'cdk';

/** Modules that bundle the page. The package has the finished page and no bundler. */
const CLONE_ONLY = ['web/delivery/build-page.js', 'web/delivery/size-report.js'];

const COMMAND_LINE = `#!/usr/bin/env node
import { printVersion } from './print-version.js';

if (!printVersion(process.argv.slice(2))) await import('./main.js');
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(root, 'dist'));
const source = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

if (process.argv[2] && existsSync(out))
  throw new Error(`${out} already exists. Give the path of a folder that does not exist yet.`);
rmSync(out, { recursive: true, force: true });
compile();
for (const path of DATA_FILES) cpSync(join(root, path), join(out, path));
for (const path of Object.values(source.bin)) {
  writeFileSync(join(out, path), COMMAND_LINE);
  chmodSync(join(out, path), 0o755);
}
// This comes before the page and the constructs exist, because their scripts are not our modules.
writeFileSync(join(out, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
for (const path of CLONE_ONLY) rmSync(join(out, path));
await bundleLibrary(out);
finishPage();
finishConstructs();
for (const folder of BUNDLED_FOLDERS) rmSync(join(out, folder), { recursive: true });
keepPublicTypes();
process.stdout.write(`built ${out}\n`);

function compile() {
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace(/package\.json$/, 'bin/tsc');
  run('the TypeScript compiler', [tsc, '-p', 'tsconfig.build.json', '--outDir', out]);
}

/**
 * Removes the types of all other folders: `exports` does not allow imports from there, so these
 * types would have no use.
 */
function keepPublicTypes() {
  const folders = [source.exports['.'].split('/')[1], CONSTRUCTS_FOLDER];
  for (const path of readdirSync(out, { recursive: true })) {
    if (path.endsWith('.d.ts') && !folders.includes(path.split(sep)[0])) rmSync(join(out, path));
  }
}

/** Adds the page's files as a browser gets them, because the published package has no bundler. */
function finishPage() {
  run("the page's build", ['--import', 'tsx', join(root, 'scripts/build-page.js'), join(out, 'web/page')]);
}

/** Adds the constructs for the CDK, and what they upload. */
function finishConstructs() {
  run("the constructs' build", ['--import', 'tsx', join(root, 'scripts/build-cdk.ts'), out]);
}

function run(what, args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${what} failed with exit code ${status}`);
}

/**
 * Returns the published package.json: it exports compiled files, depends on what they import, and
 * has nothing that only a clone needs.
 */
async function manifest() {
  const { private: _private, scripts, devDependencies, overrides, ...published } = source;
  return {
    ...published,
    files: [...published.files, `${LIBRARY_FOLDER}/`, `${CONSTRUCTS_FOLDER}/`],
    exports: compiledExports(),
    dependencies: await dependencies(),
  };
}

function compiledExports() {
  const library = source.exports['.'];
  return {
    ...source.exports,
    '.': { types: library.replace(/\.ts$/, '.d.ts'), default: `./${LIBRARY_MODULE}` },
    './cdk': {
      types: `./${CONSTRUCTS_FOLDER}/types/infra/index.d.ts`,
      default: `./${CONSTRUCTS_FOLDER}/index.js`,
    },
  };
}

async function dependencies() {
  const bundled = readdirSync(out, { recursive: true }).filter((path) => BUNDLED_FOLDERS.includes(path.split(sep)[0]));
  const names = await importedPackages(out, [...CLONE_ONLY, ...bundled.map((path) => path.replaceAll(sep, '/'))]);
  const missing = names.filter((name) => !(name in source.dependencies));
  if (missing.length > 0) {
    throw new Error(`the compiled code imports ${missing.join(', ')}: add it to the dependencies in package.json`);
  }
  return Object.fromEntries(names.map((name) => [name, source.dependencies[name]]));
}
