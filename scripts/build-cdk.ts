/**
 * Adds the constructs for the CDK to a built package: `cdk/` with one bundled module, its types,
 * and what takes time to make, so that the constructs need not wait for it.
 *
 *   node --import tsx scripts/build-cdk.ts FOLDER
 *
 * FOLDER has the compiled modules with their types, and the finished page.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { FUNCTION_NAMES } from '../infra/artefacts/service-code.ts';
import { bundleFunction } from '../layers/function-code.ts';
import { runtimeLock } from '../layers/runtime-layer.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { writeWorkerContext } from './worker-context.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'infra/index';

/**
 * The peers are optional, so that those who use only the library do not get them. Without them, an
 * import of the constructs says what to install.
 */
const REQUIRE_PEERS = `
for (const name of ['aws-cdk-lib', 'constructs']) {
  try {
    require.resolve(name + '/package.json');
  } catch {
    throw new Error('autoswiftnet/cdk needs aws-cdk-lib and constructs, and ' + name + ' is not installed. Run: npm install aws-cdk-lib constructs');
  }
}
const __moduleUrl = require('node:url').pathToFileURL(__filename).href;`;

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('give the folder of the built package: scripts/build-cdk.ts FOLDER');
const out = join(resolve(given), 'cdk');

mkdirSync(out);
// Apps of the CDK are CommonJS or modules. Both can load CommonJS, as aws-cdk-lib is.
writeFileSync(join(out, 'package.json'), '{ "type": "commonjs" }\n');
await bundleConstructs();
copyTypes(join(resolve(given), `${ENTRY}.d.ts`), new Set());
await prepare(join(out, 'prepared'));
process.stdout.write(`built ${out}\n`);

async function bundleConstructs(): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { index: `${ENTRY}.ts` },
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    external: ['aws-cdk-lib', 'constructs'],
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: REQUIRE_PEERS },
    // Its licence asks to be where the code is.
    footer: { js: `/* Contains zod:\n\n${readFileSync(join(ROOT, 'node_modules/zod/LICENSE'), 'utf8')}*/` },
    logLevel: 'error',
  });
}

/** Copies a file of types and those that it imports to `cdk/types`, with the same paths. */
function copyTypes(file: string, copied: Set<string>): void {
  if (copied.has(file)) return;
  copied.add(file);
  const text = readFileSync(file, 'utf8');
  const target = join(out, 'types', file.slice(resolve(given ?? '').length));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  for (const [, path = ''] of text.matchAll(/(?:from |import\()'(\.{1,2}\/[^']+)\.ts'/g)) {
    copyTypes(`${resolve(dirname(file), path)}.d.ts`, copied);
  }
}

async function prepare(folder: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'autoswiftnet-functions-'));
  try {
    for (const name of FUNCTION_NAMES) {
      const code = await bundleFunction(name, work);
      cpSync(code.folder, join(folder, 'functions', name), { recursive: true });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  cpSync(join(resolve(given ?? ''), 'web/page'), join(folder, 'page'), { recursive: true });
  // npm leaves a package-lock.json out of a packed file.
  writeFileSync(join(folder, 'runtime-lock.json'), `${JSON.stringify(runtimeLock())}\n`);
  await ensureSamplePackage(join(folder, 'models'));
  await writeWorkerContext(join(folder, 'worker'));
}
