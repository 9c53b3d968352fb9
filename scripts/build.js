/**
 * Makes the publishable package: `node scripts/build.js [FOLDER]`, `dist` by default. Compiled JavaScript with types, the data files it reads, the
 * finished page, and a package.json of its own, without what only a clone needs. `npm pack ./dist` then packs it.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the compiled code reads beside itself, each under its own path. */
const DATA_FILES = [
  'cli/autoswiftnet.js',
  'functions/api/openapi.yaml',
  'models/labels/imagenet1k.json',
  'models/sample/sample.pth',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
  'NOTICE',
];

/** Runs the sources or goes into the page's bundle. */
const CLONE_ONLY = new Set(['tsx', 'esbuild', 'preact', 'oauth4webapi']);

const root = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(root, 'dist'));

if (process.argv[2] && existsSync(out)) throw new Error(`${out} exists: name a folder to create`);
rmSync(out, { recursive: true, force: true });
compile();
finishPage();
for (const file of DATA_FILES) {
  if (!existsSync(join(root, file))) throw new Error(`${file} is missing, and the package cannot do without it`);
  cpSync(join(root, file), join(out, file));
}
chmodSync(join(out, 'cli/autoswiftnet.js'), 0o755);
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
process.stdout.write(`built ${out}\n`);

function compile() {
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace(/package\.json$/, 'bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', out], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`the compiler ended with ${status}`);
}

/** The page's files as a browser gets them: the published package has no bundler. */
function finishPage() {
  const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'scripts/build-page.js'), join(out, 'web/page')],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) throw new Error(`the page's build ended with ${status}`);
}

/** package.json as published: what is compiled is exported compiled, and what only a clone needs is left out. */
function manifest() {
  const { name, version, description, license, type, engines, bin, exports, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const needed = Object.fromEntries(Object.entries(dependencies).filter(([name]) => !CLONE_ONLY.has(name)));
  return { name, version, description, license, type, engines, bin, exports: compiled(exports), dependencies: needed };
}

function compiled(exports) {
  return Object.fromEntries(
    Object.entries(exports).map(([path, target]) => [
      path,
      target.endsWith('.ts')
        ? { types: target.replace(/\.ts$/, '.d.ts'), default: target.replace(/\.ts$/, '.js') }
        : target,
    ]),
  );
}
