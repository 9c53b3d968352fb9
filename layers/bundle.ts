import { builtinModules } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { NATIVE_PACKAGES } from './native-files.ts';

/**
 * The thread that decodes HEIC. Its file lies beside the module that starts it, under this name.
 */
export const HEIC_THREAD = { 'heic-thread': 'classifier/decode/heif/heic-thread.ts' };

export interface BundleOptions {
  /**
   * The name of each module, without its extension, and the source file it starts from, relative to
   * the repository.
   */
  readonly entries: Readonly<Record<string, string>>;
  /**
   * Lambda treats `.mjs` as a module. The container's files are `.js`, beside a package.json that
   * says that they are modules.
   */
  readonly extension: '.js' | '.mjs';
  /**
   * Modules that stand in for packages: paths relative to the repository, by the name of the
   * package. Default: none.
   */
  readonly standIns?: Readonly<Record<string, string>>;
}

export interface BundledFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Defines `require`, which ES modules do not have. Bundled packages that are CommonJS need it. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * Loads Node's own modules with `require`. An `import` makes Node evaluate each of their exports,
 * also those that are loaded when they are first used: that of `node:http` loads all of `fetch`.
 */
const REQUIRE_BUILTINS: Plugin = {
  name: 'require-builtins',
  setup({ onResolve, onLoad }) {
    const builtins = new Set(builtinModules);
    onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      return builtins.has(name) && kind !== 'require-call' ? { path: name, namespace: 'builtin' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require('node:${path}');`,
    }));
  },
};

/**
 * Bundles the code that runs in AWS, for Lambda and for the container: modules for Node 24 with
 * everything that they import, except the native packages. Names and lines are kept, because errors
 * have the names of their classes and stacks have line numbers. The same sources give the same
 * bytes in any folder.
 * @returns the modules, each with the licences of the packages in it
 */
export async function bundle({ entries, extension, standIns = {} }: BundleOptions): Promise<BundledFile[]> {
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
    alias: Object.fromEntries(Object.entries(standIns).map(([name, path]) => [name, join(ROOT, path)])),
    banner: { js: REQUIRE },
    plugins: [REQUIRE_BUILTINS],
    minifySyntax: true,
    legalComments: 'linked',
    logLevel: 'error',
  });
  return outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
}
