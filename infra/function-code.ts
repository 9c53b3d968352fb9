import { copyFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Tree } from '../layers/measure-tree.ts';
import { NATIVE_PACKAGES } from '../layers/runtime-layer.ts';
import { keepByContent } from './keep-by-content.ts';

/** A function's code as it is unpacked to `/var/task`: one module, `index.mjs`. */
export interface FunctionCode extends Tree {
  readonly name: string;
  readonly folder: string;
}

/** What Lambda runs: `index.mjs` of the code, its export `handler`. */
export const HANDLER = 'index.handler';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What a function reads beside its module. */
const DATA_FILES: Readonly<Record<string, readonly string[]>> = { api: ['functions/api/openapi.yaml'] };

/** Bundled packages that are CommonJS ask for `require`, which a module has not. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * Bundles `functions/<name>/handler.ts` with all it imports, the AWS SDK of our lock included; the native packages come from the runtime
 * layer, which only `require` finds. Names and lines stay: errors carry their classes' names, and a stack its lines. The same sources give the same bytes, wherever they lie.
 * @param cacheDir bundles are put there, under their content's hash
 */
export async function bundleFunction(name: string, cacheDir: string): Promise<FunctionCode> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: `functions/${name}/handler.ts` },
    outdir: 'bundle',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: [...NATIVE_PACKAGES],
    banner: { js: REQUIRE },
    minifySyntax: true,
    legalComments: 'linked',
    logLevel: 'error',
  });
  const kept = await keepByContent(`function-${name}`, cacheDir, (draft) => {
    for (const { path, contents } of outputFiles) writeFileSync(join(draft, basename(path)), contents);
    for (const file of DATA_FILES[name] ?? []) copyFileSync(join(ROOT, file), join(draft, basename(file)));
  });
  return { name, ...kept };
}
