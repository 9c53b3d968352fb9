import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { NATIVE_PACKAGES } from './native-files.ts';

export interface BundleOptions {
  /** Each module's name, without its extension, and the source file it starts from, relative to the repository's root. */
  readonly entries: Readonly<Record<string, string>>;
  /** Lambda takes `.mjs` for a module. The container's files are `.js`, beside a package.json that says they are modules. */
  readonly extension: '.js' | '.mjs';
}

export interface BundledFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Bundled packages that are CommonJS ask for `require`, which a module does not have. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * Bundles what runs in AWS, for Lambda and the container alike: modules for Node 24 with all they import, but for the native packages.
 * Names and lines stay: errors carry their classes' names, and a stack its lines. The same sources give the same bytes,
 * wherever they lie.
 * @returns the modules, and beside each the licences of what it holds
 */
export async function bundle({ entries, extension }: BundleOptions): Promise<BundledFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { ...entries },
    outdir: 'bundle',
    outExtension: { '.js': extension },
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
  return outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
}
