import type { Architecture } from './architecture.ts';

/**
 * The packages with binaries, native or WebAssembly. They are not bundled, but installed and loaded
 * by `require`. So libheif's files stay files, which anybody may replace, as its licence (LGPL)
 * demands.
 */
export const NATIVE_PACKAGES = ['libheif-js', 'onnxruntime-node', 'sharp'] as const;

/**
 * Packages that the native packages load. Those that only onnxruntime-node's install script loads
 * (adm-zip, global-agent …) are left out.
 */
const LOADED_PACKAGES = ['onnxruntime-common', 'detect-libc', 'semver', '@img/colour'];

/**
 * Increase this when the rules below change, so that layers built by older rules are not reused
 * from the cache.
 */
export const CONTENTS_VERSION = 2;

/**
 * Files that are not loaded and that no licence requires: types, sources, maps, headers, documents.
 */
const UNUSED_FILE = /\.(d\.[cm]?ts|map|md|markdown|h|cc|gyp|hpp|yml)$|(^|\/)\.[^/]+$/i;
const LICENCE_FILE = /(^|\/)(licen[cs]e|notice|third-?party)[^/]*$/i;

/** Files that only `import` loads; the bundles use `require`. */
const ONLY_FOR_IMPORT = /^(onnxruntime-common\/dist\/esm|sharp\/dist\/[^/]+\.mjs$)/;
const ONLY_FOR_BUILDING =
  /^(onnxruntime-node\/(script|lib)|onnxruntime-common\/lib|sharp\/(src|install)|semver\/bin)\//;
/** The other forms of libheif: without WebAssembly, or for browsers. */
const OTHER_LIBHEIF = /^libheif-js\/(?!package\.json$|libheif-wasm\/libheif\.(js|wasm)$)/;

/** Libraries that onnxruntime-node's install script adds on a machine with a GPU. */
const GPU_LIBRARY = /\/libonnxruntime_providers_[^/]+$/;
/**
 * The libraries for CUDA. TensorRT's library is left out: it needs libraries that the container's
 * base image does not have.
 */
const CUDA_LIBRARY = /\/libonnxruntime_providers_(cuda|shared)\.so$/;

/** Where native files run; always Linux with glibc. */
export interface NativeTarget {
  readonly architecture: Architecture;
  /** Whether to include the CUDA libraries, if the install script has installed them. */
  readonly cuda: boolean;
}

/** Returns the names of the packages whose files are needed. */
export function packagesOf({ architecture }: Pick<NativeTarget, 'architecture'>): string[] {
  return [
    ...NATIVE_PACKAGES,
    ...LOADED_PACKAGES,
    `@img/sharp-linux-${architecture}`,
    `@img/sharp-libvips-linux-${architecture}`,
  ];
}

/**
 * Tells whether a file in `node_modules` is needed to run the native packages, loaded by `require`:
 * their code, the binaries of one platform, and the licences.
 * @param path relative to node_modules, with forward slashes
 */
export function isNativeFile(path: string, { architecture, cuda }: NativeTarget): boolean {
  if (!packagesOf({ architecture }).some((name) => path.startsWith(`${name}/`))) return false;
  if (LICENCE_FILE.test(path)) return true;
  if (path.startsWith('onnxruntime-node/bin/')) {
    if (!path.startsWith(`onnxruntime-node/bin/napi-v6/linux/${architecture}/`)) return false;
    return !GPU_LIBRARY.test(path) || (cuda && CUDA_LIBRARY.test(path));
  }
  if (OTHER_LIBHEIF.test(path)) return false;
  return !UNUSED_FILE.test(path) && !ONLY_FOR_IMPORT.test(path) && !ONLY_FOR_BUILDING.test(path);
}
