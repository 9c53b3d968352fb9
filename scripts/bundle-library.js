import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The folder of the bundled library in the package, and its module. */
export const LIBRARY_FOLDER = 'library';
export const LIBRARY_MODULE = `${LIBRARY_FOLDER}/index.js`;

/** Packages with binaries. The library loads each when it first needs it. */
const NATIVE_PACKAGES = ['libheif-js', 'onnxruntime-node', 'sharp'];

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/**
 * Bundles the compiled library into one file, and the thread that decodes HEIC into another beside
 * it. Node loads them in a quarter of the time that the single modules and all of zod take, which
 * is a sixth of the time to a first answer. The command line and the functions share the single
 * modules, and do not use these files.
 * @param out the folder with the compiled modules
 */
export async function bundleLibrary(out) {
  await build({
    absWorkingDir: out,
    entryPoints: { index: 'classifier/index.js', 'heic-thread': 'classifier/decode/heif/heic-thread.js' },
    outdir: LIBRARY_FOLDER,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    external: NATIVE_PACKAGES,
    nodePaths: [MODULES],
    // Its licence asks to be where the code is.
    footer: { js: `/* Contains zod:\n\n${readFileSync(join(MODULES, 'zod/LICENSE'), 'utf8')}*/` },
    logLevel: 'error',
  });
}
