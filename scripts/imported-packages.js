import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, sep } from 'node:path';
import { build } from 'esbuild';

/**
 * Matches `require('sharp')` and `createRequire(import.meta.url)('sharp')`, which esbuild does not
 * follow in a module.
 */
const REQUIRED = /\b(?:require|createRequire\(import\.meta\.url\))\('([^'.][^']*)'\)/g;

/**
 * Matches the package's name at the start of an import: `@aws-sdk/client-s3`, or `tsx` in
 * `tsx/esm/api`.
 */
const PACKAGE_NAME = /^(?:@[^/]+\/)?[^/]+/;

/**
 * Returns the names of the packages that the modules in a folder import, in alphabetical order.
 * Fails when a module imports a file that does not exist.
 * @param except paths of modules in the folder that do not count
 */
export async function importedPackages(folder, except = []) {
  const files = readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll(sep, '/'))
    .filter((path) => path.endsWith('.js') && !except.includes(path));
  const paths = [
    ...(await imported(folder, files, except)),
    ...files.flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(REQUIRED)].map(([, path]) => path),
    ),
  ];
  const names = paths.filter((path) => !isBuiltin(path)).map((path) => PACKAGE_NAME.exec(path)[0]);
  return [...new Set(names)].sort();
}

async function imported(folder, files, except) {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: files,
    outdir: '.',
    write: false,
    metafile: true,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  return Object.entries(metafile.inputs)
    .filter(([path]) => !except.includes(path))
    .flatMap(([, { imports }]) => imports.filter(({ external }) => external).map(({ path }) => path));
}
